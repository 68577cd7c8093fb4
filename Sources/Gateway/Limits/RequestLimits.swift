import DialectEngine
import Identity

/// The limits of one frontend: who made how many requests, what answers tell of it, and when it is enough.
struct RequestLimits: Sendable {
    let frontend: String
    let limits: [Limit]
    let counters: RequestCounters
    let now: @Sendable () -> Instant

    /// What one request is counted by.
    struct Caller: Sendable {
        var address: String
        var identifier: String?
        var account: AccountID?
        var key: String?
    }

    struct Verdict: Sendable {
        /// The refusal, when it is enough.
        var failure: Failure?
        var headers: [(name: String, value: String)] = []
    }

    /// Whether anything is counted by account, so that the caller has to be known.
    func asksForAccount(_ route: String?) -> Bool { limits.contains { $0.by == .account && applies($0, route) } }

    /// Whether requests of this route are counted at all.
    func counts(_ route: String?) -> Bool { limits.contains { applies($0, route) } }

    /// Counts a request of a route (nil: of none) in every limit that it falls under.
    ///
    /// Answers tell of the narrowest, or of the one that is over.
    func count(_ caller: Caller, route: String?) -> Verdict {
        guard !limits.isEmpty else { return Verdict() }
        let moment = now()
        var told: (limit: Limit, count: Int, endsAt: Instant)?
        for limit in limits where applies(limit, route) {
            let key = RequestCounters.Key(frontend: frontend, limit: limit.name, caller: name(of: caller, for: limit))
            let (count, endsAt) = counters.count(key, window: limit.window, at: moment)
            let current = (limit, count, endsAt)
            guard let before = told else {
                told = current
                continue
            }
            let isOver = count > limit.count
            let wasOver = before.count > before.limit.count
            // Of two that are over, the later end is the one that must be waited for.
            if isOver != wasOver ? isOver : isOver ? endsAt > before.endsAt : limit.count < before.limit.count { told = current }
        }
        guard let told else { return Verdict() }
        let left = max(.zero, told.endsAt - moment)
        return Verdict(
            failure: told.count > told.limit.count ? Failure(told.limit.refusal.kind, retryAfter: max(.seconds(1), left)) : nil,
            headers: Self.headers(told.limit, remaining: max(0, told.limit.count - told.count), endsAt: told.endsAt, left: left))
    }

    private func applies(_ limit: Limit, _ route: String?) -> Bool {
        limit.routes.isEmpty || route.map { limit.routes.contains($0) } ?? false
    }

    /// Where somebody has no account, key or name, the address stands in.
    private func name(of caller: Caller, for limit: Limit) -> String {
        switch limit.by {
        case .address: IPAddress.network(of: caller.address)
        case .identifier: caller.identifier.map { "name " + Self.digest($0.loweringASCII()) } ?? IPAddress.network(of: caller.address)
        case .account: caller.account.map { "account \($0)" } ?? IPAddress.network(of: caller.address)
        case .key: caller.key.map { "key " + Self.digest($0) } ?? IPAddress.network(of: caller.address)
        }
    }

    /// As short as any other, however long the client's text is; and no key is kept in plain.
    private static func digest(_ text: String) -> String { Base64URL.encode(Digest.sha256(text).bytes) }

    private static func headers(
        _ limit: Limit, remaining: Int, endsAt: Instant, left: Duration
    ) -> [(name: String, value: String)] {
        switch limit.headers {
        case .none: []
        case .xRateLimit:
            [
                ("X-RateLimit-Limit", "\(limit.count)"), ("X-RateLimit-Remaining", "\(remaining)"),
                ("X-RateLimit-Reset", "\((endsAt + .microseconds(999_999)).seconds)"),
            ]
        case .rateLimit:
            [
                ("RateLimit-Policy", "\(limit.count);w=\(limit.window.components.seconds)"), ("RateLimit-Limit", "\(limit.count)"),
                ("RateLimit-Remaining", "\(remaining)"), ("RateLimit-Reset", "\(left.secondsRoundedUp)"),
            ]
        }
    }
}
