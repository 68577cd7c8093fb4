import Synchronization

/// How many connections to upstreams there are, over all event loops.
final class UpstreamCounts: Sendable {
    /// Made or being made, idle ones included.
    let open = Atomic<Int>(0)
    /// Kept for a next request.
    let idle = Atomic<Int>(0)
    /// Idle ones that are about to be closed.
    let leaving = Atomic<Int>(0)
    /// The most that may be open.
    let limit: Int

    init(limit: Int) { self.limit = limit }

    var hasRoom: Bool { open.load(ordering: .relaxed) < limit }
}
