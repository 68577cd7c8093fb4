import DialectEngine
import Identity
import Mail

/// What all frontends of a process have in common beside the environment.
struct SharedParts: Sendable {
    var mark: ChangeMark
    var known: KnownTokens
    var counters: RequestCounters
    var meters: Meters
}

/// One frontend at work: a request in, its dialect's answer out.
final class FrontendRuntime: Sendable {
    let configuration: FrontendConfiguration
    let interpreter: DialectInterpreter
    let engine: IdentityEngine
    let keys: LiveKeys
    /// Nil where no upstream is sent any.
    let internalTokens: InternalTokens?
    let limits: RequestLimits
    let gate: Gate
    let upstreams: [String: Upstream]
    let changes: ChangeMark
    let meters: FrontendMeters

    init(
        _ planned: PlannedFrontend, keys: LiveKeys, internalKeys: LiveKeys?, environment: IdentityEnvironment, shared: SharedParts
    ) {
        var dialect = planned.dialect
        let configuration = planned.configuration
        if let credentials = configuration.cors?.credentials { dialect.cors?.credentials = credentials }
        let composer = MailComposer(dialect, links: configuration.links, from: configuration.from)
        let now = environment.now
        self.configuration = configuration
        self.keys = keys
        internalTokens = internalKeys.map { InternalTokens(keys: $0, issuer: configuration.publicURL, realm: configuration.realm) }
        changes = shared.mark
        meters = FrontendMeters(configuration.name, dialect, shared.meters.routes)
        limits = RequestLimits(frontend: configuration.name, limits: dialect.limits, counters: shared.counters, now: now)
        interpreter = DialectInterpreter(dialect, origins: configuration.cors?.origins ?? [], prefix: configuration.prefix)
        let engine = IdentityEngine(
            environment: environment,
            frontend: Frontend(
                name: configuration.name, realm: configuration.realm, policy: dialect.policy,
                access: dialect.access.profile(purpose: .access),
                refresh: dialect.refresh?.profile(purpose: .refresh), keys: { keys.ring(at: now()) },
                takesForeignTokens: !keys.isGenerated, issuer: configuration.publicURL,
                apiKeyForm: dialect.apiKeys.map { APIKeyShape(prefix: $0.prefix, hexDigits: $0.hexDigits) },
                notices: Set(dialect.mails.keys),
                compose: { composer.message(for: $0)?.encoded() }),
            cache: PrincipalCache(mark: shared.mark, known: shared.known, meter: shared.meters.principals))
        self.engine = engine
        gate = Gate(engine: engine)
        upstreams = configuration.upstreams.reduce(into: [:]) { upstreams, named in
            upstreams[named.key] = Upstream(
                name: named.key, settings: named.value, meter: shared.meters.upstream(configuration.name, named.key))
        }
    }

    /// The most bytes of body that it takes.
    var bodyLimit: Int { interpreter.dialect.bodies.limit }

    /// Whether a path is its own, prefix taken into account.
    func covers(_ path: String) -> Bool {
        let prefix = configuration.prefix
        return prefix.isEmpty || path == prefix || path.hasPrefix(prefix + "/")
    }

    /// What can be said of a request by its head, at once.
    func plan(_ request: EdgeRequest) -> EdgePlan {
        guard let judging = judging(request) else { return .whole(limit: bodyLimit) }
        return planAtOnce(judging)
    }

    func serve(_ request: EdgeRequest) async -> EdgeOutcome {
        let wire = inner(request.wire)
        switch interpreter.recognise(wire) {
        case .operation(let route, var asked):
            asked.network = IPAddress.network(of: wire.address)
            asked.caller = request.caller
            let caller = RequestLimits.Caller(
                address: wire.address, identifier: asked.text(.identifier) ?? asked.text(.email) ?? asked.text(.username))
            let verdict = await count(caller, asked.credential, asked.credentialKinds, route: route.name)
            let meter = meters.route(route.name)
            if let failure = verdict.failure {
                return .answer(answered(refuse(failure, at: .route(route), wire, asked.language), meter, failure.kind, verdict))
            }
            let mark = changes.current
            let result = await engine.perform(asked)
            let response = interpreter.render(result, of: route, request: wire, asked: asked)
            var answer = answered(response, meter, result.failure, verdict)
            answer.reuse = reuse(of: result, asked, route: route.name, since: mark)
            return .answer(answer)
        case .guarded(let guarded):
            return await serve(Judging(.guarded(guarded), wire: wire, request: request))
        case .preflight(let response):
            return .answer(answered(response, meters.preflight))
        case .respond(let response):
            return .answer(unrouted(response, nil, wire))
        case .refuse(let failure, let response):
            if failure == .notFound, let keySet = keySet(for: wire) { return .answer(answered(keySet, meters.keySet)) }
            return .answer(unrouted(response, failure, wire))
        }
    }

    private func unrouted(_ response: WireResponse, _ failure: FailureKind?, _ wire: WireRequest) -> EdgeAnswer {
        let verdict = limits.count(.init(address: wire.address), route: nil)
        guard let limited = verdict.failure else { return answered(response, meters.none, failure, verdict) }
        return answered(refuse(limited, at: .unrouted, wire, interpreter.language(of: wire)), meters.none, limited.kind, verdict)
    }

    /// Who somebody is stays the same until the account changes; what depends on the clock or is counted is asked again.
    private func reuse(of result: OperationResult, _ asked: OperationRequest, route: String, since mark: UInt64) -> Reuse? {
        guard asked.operation == .accountRead, !limits.counts(route), engine.frontend.policy.plans == nil,
            case .outcome(_, let facts) = result, let account = facts.account,
            let known = engine.remembered(asked.credential, kinds: asked.credentialKinds)
        else { return nil }
        let grownUp = account.isNewcomer ? account.account.createdAt + engine.frontend.policy.newcomerSpan : .latest
        return Reuse(
            account: account.account.id, mark: mark, changes: changes, since: engine.environment.now(),
            until: min(known.expiresAt, grownUp))
    }

    func count(
        _ caller: RequestLimits.Caller, _ credential: Credential, _ kinds: Set<CredentialKind>, route: String?
    ) async -> RequestLimits.Verdict {
        var caller = caller
        if case .apiKey(let key) = credential { caller.key = key }
        if limits.asksForAccount(route) { caller.account = try? await engine.authenticate(credential, kinds: kinds).account.id }
        return limits.count(caller, route: route)
    }

    func refuse(_ failure: Failure, at place: AnswerPlace, _ wire: WireRequest, _ language: String) -> WireResponse {
        interpreter.render(failure: failure, at: place, request: wire, language: language)
    }

    /// The dialect's words for what never became a request.
    func refusal(_ fault: EdgeFault, of request: PartialRequest) -> EdgeAnswer {
        let wire = inner(WireRequest(method: request.method ?? "GET", path: request.path ?? "/", headers: request.headers))
        var failure = Failure(fault.kind)
        if fault == .method {
            let known = interpreter.table.match(method: wire.method, path: wire.path)
            if case .methodNotAllowed(let allowed, _) = known { failure.allowed = allowed } else { failure.allowed = CheckedHead.methods }
        }
        let language = interpreter.language(of: wire)
        let response = interpreter.render(failure: failure, at: .unrouted, request: wire, language: language, status: fault.status)
        return answered(response, meters.none, failure.kind)
    }

    func answered(
        _ response: WireResponse, _ meter: RouteMeter, _ failure: FailureKind? = nil, _ verdict: RequestLimits.Verdict? = nil
    ) -> EdgeAnswer {
        var response = response
        if let verdict { response.headers += verdict.headers }
        return EdgeAnswer(response: response, meter: meter, failure: failure)
    }

    /// The request as the dialect sees it: below the frontend's prefix.
    func inner(_ wire: WireRequest) -> WireRequest {
        guard !configuration.prefix.isEmpty, covers(wire.path) else { return wire }
        var wire = wire
        let rest = String(decoding: wire.path.utf8.dropFirst(configuration.prefix.utf8.count), as: UTF8.self)
        wire.path = rest.isEmpty ? "/" : rest
        return wire
    }

    // MARK: Keys

    /// The public keys (RFC 7517), where the dialect has no such route itself and there are any.
    private func keySet(for wire: WireRequest) -> WireResponse? {
        guard wire.path == "/.well-known/jwks.json", wire.method == "GET" || wire.method == "HEAD" else { return nil }
        let now = engine.environment.now()
        let all = [keys, internalTokens?.keys].flatMap { $0?.ring(at: now).publicKeys ?? [] }
        guard !all.isEmpty else { return nil }
        return WireResponse(
            status: 200,
            headers: [(name: "Content-Type", value: "application/jwk-set+json"), (name: "Cache-Control", value: "max-age=300")],
            body: JSONWriter.document(.object([.init("keys", .list(all))])))
    }
}

extension OperationResult {
    fileprivate var failure: FailureKind? {
        guard case .failure(let failure, _) = self else { return nil }
        return failure.kind
    }
}
