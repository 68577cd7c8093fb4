import Glibc

/// How many connections the process can hold without running out of file descriptors.
///
/// With none left the runtime itself dies (its thread pool reads /proc), so connections are refused long before.
struct DescriptorBudget: Sendable, Hashable {
    /// For the store, mails, logs, event loops and what comes up.
    static let reserve = 64
    /// Enough for a probe, a scraper and a person.
    static let management = 16
    /// Connections that each listener may hold.
    let perListener: Int
    /// Connections to all upstreams together.
    let upstreams: Int

    /// Nil when too few are left for each of the listeners.
    ///
    /// A forwarded request holds two: where there are upstreams, half is theirs.
    init?(limit: Int, listeners: Int, hasUpstreams: Bool) {
        let left = limit - Self.reserve - Self.management
        upstreams = hasUpstreams ? left / 2 : 0
        let share = (left - upstreams) / max(1, listeners)
        guard share >= 8 else { return nil }
        perListener = min(share, 20_000)
    }

    /// Raises the soft limit as far as the hard one allows, at most to 65,536, and gives it.
    static func raiseLimit() -> Int {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return 1024 }
        let wanted = min(limit.rlim_max, 65_536)
        if limit.rlim_cur < wanted {
            var raised = limit
            raised.rlim_cur = wanted
            if setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &raised) == 0 { limit = raised }
        }
        return Int(clamping: limit.rlim_cur)
    }
}
