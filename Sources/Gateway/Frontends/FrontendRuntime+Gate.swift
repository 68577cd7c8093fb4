import DialectEngine
import Identity

/// A request that a guard judges, or that another proxy asks about.
final class Judging: Sendable {
    enum Subject: Sendable {
        case guarded(GuardedRequest)
        /// No guard knows its path: it may not pass.
        case unguarded
        case malformed
    }

    let subject: Subject
    /// As the guard sees it: below the frontend's prefix.
    let wire: WireRequest
    let request: EdgeRequest
    /// Set when a proxy asks: what passes is answered, not forwarded.
    let question: ProxyQuestion?

    init(_ subject: Subject, wire: WireRequest, request: EdgeRequest, question: ProxyQuestion? = nil) {
        self.subject = subject
        self.wire = wire
        self.request = request
        self.question = question
    }
}

/// Requests for the old backend: judged, counted, and sent on or refused in the dialect's words.
extension FrontendRuntime {
    /// Nil: the request is for the dialect's own routes.
    func judging(_ request: EdgeRequest) -> Judging? {
        let wire = inner(request.wire)
        switch ProxyQuestion.read(wire) {
        case .malformed: return Judging(.malformed, wire: wire, request: request)
        case .question(let question):
            let asked = inner(question.wire)
            // What lies outside the frontend's prefix is another application's.
            let guarded = covers(question.wire.path) ? interpreter.guarded(byHeadOf: asked) : nil
            let subject = guarded.map(Judging.Subject.guarded) ?? .unguarded
            return Judging(subject, wire: asked, request: request, question: question)
        case nil:
            return interpreter.guarded(byHeadOf: wire).map { Judging(.guarded($0), wire: wire, request: request) }
        }
    }

    /// From memory alone where that is enough.
    func planAtOnce(_ judging: Judging) -> EdgePlan {
        guard case .guarded(let guarded) = judging.subject else { return .outcome(.answer(refusal(of: judging))) }
        guard !guarded.gate.countsUsage, !limits.asksForAccount(nil) else { return .head { [self] in await serve(judging) } }
        switch gate.verdictAtOnce(guarded) {
        case .undecided(let shown):
            return .head { [self] in await serve(judging, shown: shown) }
        case .decided(let verdict, let rests, let isNew):
            let counted = limits.count(caller(judging.wire, guarded.credential), route: nil)
            let now = engine.environment.now()
            let outcome = conclude(verdict, guarded, counted, judging)
            // What came once may never come again, and would push out what does.
            guard !isNew, case .passes = verdict, counted.failure == nil, !limits.counts(nil), engine.frontend.policy.plans == nil else {
                return .outcome(outcome)
            }
            let reuse = Reuse(
                account: rests?.principal.account.id, mark: rests?.mark ?? 0, changes: changes, since: now,
                until: rests?.expiresAt ?? .latest)
            return .outcome(outcome.reusable(reuse))
        }
    }

    func serve(_ judging: Judging, shown: ShownToken? = nil) async -> EdgeOutcome {
        guard case .guarded(let guarded) = judging.subject else { return .answer(refusal(of: judging)) }
        let counted = await count(caller(judging.wire, guarded.credential), guarded.credential, guarded.gate.kinds, route: nil)
        let verdict = await gate.verdict(guarded, shown: shown)
        guard guarded.gate.countsUsage, counted.failure == nil, case .passes(let principal?) = verdict,
            judging.question != nil || upstreams[guarded.gate.upstream] != nil
        else { return conclude(verdict, guarded, counted, judging) }
        return await using(principal, verdict, guarded, counted, judging)
    }

    /// Counts a use before it is made, and gives it back when it is known to have come to nothing.
    private func using(
        _ principal: Principal, _ verdict: Gate.Verdict, _ guarded: GuardedRequest, _ counted: RequestLimits.Verdict, _ judging: Judging
    ) async -> EdgeOutcome {
        do {
            _ = try await engine.takeUsage(of: principal.account.id)
        } catch {
            return conclude(.refuses(engine.refusal(for: error, of: nil)), guarded, counted, judging)
        }
        let outcome = conclude(verdict, guarded, counted, judging)
        guard case .forward(var forwarding) = outcome else { return outcome }
        forwarding.settled = { [engine] end in
            guard !end.isUse else { return }
            Task { try? await engine.returnUsage(of: principal.account.id) }
        }
        return .forward(forwarding)
    }

    private func caller(_ wire: WireRequest, _ credential: Credential) -> RequestLimits.Caller {
        var caller = RequestLimits.Caller(address: wire.address)
        if case .apiKey(let key) = credential { caller.key = key }
        return caller
    }

    /// Sends on or answers what may pass, and words what may not.
    private func conclude(
        _ verdict: Gate.Verdict, _ guarded: GuardedRequest, _ counted: RequestLimits.Verdict, _ judging: Judging
    ) -> EdgeOutcome {
        if let failure = counted.failure { return .answer(refusal(failure, guarded, counted, judging)) }
        switch verdict {
        case .refuses(let failure, let account):
            if failure.kind == .forbidden { engine.environment.report(.forbidden(account), from: judging.wire.address) }
            return .answer(refusal(failure, guarded, counted, judging))
        case .passes(let principal):
            let language = interpreter.dialect.languages.supported.count > 1 ? guarded.language : nil
            let identity = principal.map { gate.identity(of: $0, language: language) } ?? []
            guard judging.question == nil else {
                let response = WireResponse(status: 200, headers: identity + counted.headers)
                return .answer(EdgeAnswer(response: response, meter: meter(guarded, judging)))
            }
            guard let upstream = upstreams[guarded.gate.upstream] else {
                var answer = refusal(Failure(.unreachable), guarded, counted, judging)
                answer.cause = "upstream \(guarded.gate.upstream): not configured"
                return .answer(answer)
            }
            do {
                let token = try principal.flatMap { try internalToken(about: $0, for: upstream) }
                let said = token.map { identity + [(name: InternalTokens.field, value: $0.token)] } ?? identity
                var forwarding = forwarding(to: upstream, said, guarded, counted, judging)
                forwarding.staleAt = token?.staleAt
                if let principal {
                    forwarding.standing = Standing(principal.account.id, changes) { [gate] in await gate.stillPasses(principal, guarded) }
                }
                return .forward(forwarding)
            } catch {
                return .answer(refusal(engine.refusal(for: error, of: nil), guarded, counted, judging))
            }
        }
    }

    /// Nil where the upstream is sent none.
    private func internalToken(about principal: Principal, for upstream: Upstream) throws -> (token: String, staleAt: Instant)? {
        guard upstream.settings.hasInternalToken, let internalTokens else { return nil }
        let (account, environment) = (principal.account, engine.environment)
        return try internalTokens.token(
            about: account, subject: engine.frontend.policy.idCodec.encode(account).shown, for: upstream.name, at: environment.now(),
            id: environment.random(16))
    }

    private func forwarding(
        to upstream: Upstream, _ identity: [(name: String, value: String)], _ guarded: GuardedRequest, _ counted: RequestLimits.Verdict,
        _ judging: Judging
    ) -> Forwarding {
        let request = judging.request
        let plan = ForwardPlan(
            judging.wire, framing: request.framing, identity: identity,
            forwarding: ForwardedBy(
                peer: request.peer, isTrusted: request.isPeerTrusted, port: request.port, prefix: configuration.prefix),
            upstream: upstream, clientVersionIs10: request.isHTTP10,
            withheld: interpreter.dialect.cors == nil ? [] : Self.crossOriginFields)
        return Forwarding(
            plan: plan, meter: meter(guarded, judging),
            headers: interpreter.crossOriginHeaders(for: judging.wire) + counted.headers,
            refusal: { [self] fault in refusal(Failure(fault.kind), guarded, counted, judging) })
    }

    /// Which origins may read an answer is the gateway's to say where the dialect says so.
    private static let crossOriginFields = [
        "access-control-allow-origin", "access-control-allow-credentials", "access-control-expose-headers",
        "access-control-allow-methods", "access-control-allow-headers", "access-control-max-age",
    ]

    // MARK: Words

    private func meter(_ guarded: GuardedRequest, _ judging: Judging) -> RouteMeter {
        meters.gate(guarded.gate.name, isAsked: judging.question != nil)
    }

    private func refusal(
        _ failure: Failure, _ guarded: GuardedRequest, _ counted: RequestLimits.Verdict, _ judging: Judging
    ) -> EdgeAnswer {
        let response = refuse(failure, at: .gate(guarded.gate), judging.wire, guarded.language)
        return quieted(answered(response, meter(guarded, judging), failure.kind, counted), judging)
    }

    /// Of what no guard judges.
    private func refusal(of judging: Judging) -> EdgeAnswer {
        let kind: FailureKind = if case .malformed = judging.subject { .malformed } else { .forbidden }
        let response = refuse(Failure(kind), at: .unrouted, judging.wire, interpreter.language(of: judging.wire))
        return quieted(answered(response, meters.authorize, kind), judging)
    }

    private func quieted(_ answer: EdgeAnswer, _ judging: Judging) -> EdgeAnswer {
        guard let question = judging.question, !question.wantsWords else { return answer }
        var answer = answer
        answer.response.body = []
        answer.response.headers.removeAll { $0.name.loweringASCII() == "content-type" }
        return answer
    }
}

extension EdgeOutcome {
    fileprivate func reusable(_ reuse: Reuse) -> EdgeOutcome {
        switch self {
        case .answer(var answer):
            answer.reuse = reuse
            return .answer(answer)
        case .forward(var forwarding):
            forwarding.reuse = reuse
            if let staleAt = forwarding.staleAt { forwarding.reuse?.until = min(reuse.until, staleAt) }
            return .forward(forwarding)
        }
    }
}

extension UpstreamFault {
    /// What the dialect words.
    fileprivate var kind: FailureKind {
        switch self {
        case .unreachable, .broken, .full: .unreachable
        case .timeout: .timeout
        }
    }
}
