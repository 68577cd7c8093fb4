import DialectEngine
import Identity
import Mail

/// What all frontends of a process have in common beside the environment.
struct SharedParts: Sendable {
    var bell: MailBell
    var mark: ChangeMark
    var counters: RequestCounters
}

/// One frontend at work: a request in, its dialect's answer out.
struct FrontendRuntime: Sendable {
    let configuration: FrontendConfiguration
    let interpreter: DialectInterpreter
    let engine: IdentityEngine
    let keys: FrontendKeys
    let bell: MailBell
    let limits: RequestLimits

    init(_ planned: PlannedFrontend, keys: FrontendKeys, environment: IdentityEnvironment, shared: SharedParts) {
        var dialect = planned.dialect
        let configuration = planned.configuration
        if let credentials = configuration.cors?.credentials { dialect.cors?.credentials = credentials }
        let composer = MailComposer(dialect, links: configuration.links, from: configuration.from)
        let now = environment.now
        self.configuration = configuration
        self.keys = keys
        bell = shared.bell
        limits = RequestLimits(frontend: configuration.name, limits: dialect.limits, counters: shared.counters, now: now)
        let bell = shared.bell
        interpreter = DialectInterpreter(dialect, origins: configuration.cors?.origins ?? [])
        engine = IdentityEngine(
            environment: environment,
            frontend: Frontend(
                name: configuration.name, realm: configuration.realm, policy: dialect.policy,
                access: dialect.access.profile(purpose: .access),
                refresh: dialect.refresh?.profile(purpose: .refresh), keys: { keys.ring(at: now()) }, issuer: configuration.publicURL,
                apiKeyForm: dialect.apiKeys.map { APIKeyShape(prefix: $0.prefix, hexDigits: $0.hexDigits) },
                compose: { notice in
                    bell.ring()
                    return composer.message(for: notice)?.encoded()
                }), cache: PrincipalCache(mark: shared.mark))
    }

    /// The most bytes of body that it takes.
    var bodyLimit: Int { interpreter.dialect.bodies.limit }

    /// Whether a path is its own, prefix taken into account.
    func covers(_ path: String) -> Bool {
        let prefix = configuration.prefix
        return prefix.isEmpty || path == prefix || path.hasPrefix(prefix + "/")
    }

    func answer(_ request: EdgeRequest) async -> EdgeAnswer {
        let wire = inner(request.wire)
        switch interpreter.recognise(wire) {
        case .operation(let route, let asked):
            let caller = RequestLimits.Caller(
                address: wire.address, identifier: asked.text(.identifier) ?? asked.text(.email) ?? asked.text(.username))
            let verdict = await count(caller, asked.credential, asked.credentialKinds, route: route.name)
            if let failure = verdict.failure {
                return answered(refuse(failure, at: .route(route), wire, asked.language), route.name, verdict)
            }
            let result = await engine.perform(asked)
            bell.settle()
            return answered(interpreter.render(result, of: route, request: wire, asked: asked), route.name, verdict)
        case .guarded(let guarded):
            let name = "guard \(guarded.gate.name)"
            let verdict = await count(.init(address: wire.address), guarded.credential, guarded.gate.kinds, route: nil)
            if let failure = verdict.failure {
                return answered(refuse(failure, at: .gate(guarded.gate), wire, guarded.language), name, verdict)
            }
            return answered(await judge(guarded, wire), name, verdict)
        case .preflight(let response):
            return answered(response, "preflight")
        case .respond(let response):
            if response.status == 404, let keySet = keySet(for: wire) { return answered(keySet, "jwks") }
            let verdict = limits.count(.init(address: wire.address), route: nil)
            if let failure = verdict.failure {
                return answered(refuse(failure, at: .unrouted, wire, interpreter.language(of: wire)), nil, verdict)
            }
            return answered(response, nil, verdict)
        }
    }

    private func count(
        _ caller: RequestLimits.Caller, _ credential: Credential, _ kinds: Set<CredentialKind>, route: String?
    ) async -> RequestLimits.Verdict {
        var caller = caller
        if case .apiKey(let key) = credential { caller.key = key }
        if limits.asksForAccount(route) { caller.account = try? await engine.authenticate(credential, kinds: kinds).account.id }
        return limits.count(caller, route: route)
    }

    private func refuse(_ failure: Failure, at place: AnswerPlace, _ wire: WireRequest, _ language: String) -> WireResponse {
        interpreter.render(failure: failure, at: place, request: wire, language: language)
    }

    /// The dialect's words for what never became a request.
    func refusal(_ fault: EdgeFault, of request: PartialRequest) -> EdgeAnswer {
        let wire = WireRequest(method: request.method ?? "GET", path: "/")
        let failure = Failure(fault.kind, allowed: fault == .method ? CheckedHead.methods : [])
        var response = interpreter.render(failure: failure, at: .unrouted, request: wire, language: interpreter.language(of: wire))
        if let status = fault.status { response.status = status }
        return answered(response, nil)
    }

    private func answered(_ response: WireResponse, _ route: String?, _ verdict: RequestLimits.Verdict? = nil) -> EdgeAnswer {
        var response = response
        if let verdict { response.headers += verdict.headers }
        return EdgeAnswer(response: response, frontend: configuration.name, route: route)
    }

    /// The request as the dialect sees it: below the frontend's prefix.
    private func inner(_ wire: WireRequest) -> WireRequest {
        guard !configuration.prefix.isEmpty, covers(wire.path) else { return wire }
        var wire = wire
        let rest = String(decoding: wire.path.utf8.dropFirst(configuration.prefix.utf8.count), as: UTF8.self)
        wire.path = rest.isEmpty ? "/" : rest
        return wire
    }

    // MARK: Guards

    private func judge(_ guarded: GuardedRequest, _ wire: WireRequest) async -> WireResponse {
        let failure: Failure
        do {
            try await admit(guarded)
            failure = Failure(.unreachable)
        } catch let refusal as Failure {
            failure = refusal
        } catch let error as StoreError {
            engine.environment.report(.storeUnavailable("\(error)"))
            failure = Failure(.unavailable)
        } catch {
            engine.environment.report(.fault(nil, error))
            failure = Failure(.internal)
        }
        return interpreter.render(failure: failure, at: .gate(guarded.gate), request: wire, language: guarded.language)
    }

    /// Throws unless the guard lets the caller pass: first who it is, then what it may.
    private func admit(_ guarded: GuardedRequest) async throws {
        guard !guarded.passesUnjudged, guarded.gate.allow != .anyone else { return }
        let principal = try await engine.authenticate(guarded.credential, kinds: guarded.gate.kinds)
        switch guarded.gate.allow {
        case .anyone, .signedIn: return
        case .confirmed: guard principal.account.confirmedAt != nil else { throw Failure(.unconfirmed) }
        case .roles(let roles): guard principal.hasRole(among: roles) else { throw Failure(.forbidden) }
        }
    }

    // MARK: Keys

    /// The public keys (RFC 7517), where the dialect has no such route itself and there are any.
    private func keySet(for wire: WireRequest) -> WireResponse? {
        guard wire.path == "/.well-known/jwks.json", wire.method == "GET" || wire.method == "HEAD" else { return nil }
        let ring = keys.ring(at: engine.environment.now())
        guard ring.algorithm != .hs256 else { return nil }
        return WireResponse(
            status: 200,
            headers: [(name: "Content-Type", value: "application/jwk-set+json"), (name: "Cache-Control", value: "max-age=300")],
            body: JSONWriter.document(ring.jwks()))
    }
}
