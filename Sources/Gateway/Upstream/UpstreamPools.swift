import NIOCore
import Synchronization

/// The connections to upstreams: one pool for each event loop, so that a request never leaves its client's.
final class UpstreamPools: Sendable {
    private struct State {
        var pools: [ObjectIdentifier: (loop: any EventLoop, pool: NIOLoopBound<UpstreamPool>)] = [:]
        var isClosed = false
    }

    private let counts: UpstreamCounts
    private let state = Mutex(State())

    /// `limit`: the most connections, of all upstreams and loops together.
    init(limit: Int = .max) { counts = UpstreamCounts(limit: limit) }

    /// Connections that wait for a next request.
    var idleCount: Int { counts.idle.load(ordering: .relaxed) }
    /// All connections, those being made included.
    var connectionCount: Int { counts.open.load(ordering: .relaxed) }

    /// The pool of a loop; to be asked for on it.
    func pool(on eventLoop: any EventLoop) -> UpstreamPool {
        let bound = state.withLock { state in
            if let (_, bound) = state.pools[ObjectIdentifier(eventLoop)] { return bound }
            let bound = NIOLoopBound(UpstreamPool(eventLoop: eventLoop, counts: counts, isClosed: state.isClosed), eventLoop: eventLoop)
            state.pools[ObjectIdentifier(eventLoop)] = (eventLoop, bound)
            return bound
        }
        return bound.value
    }

    /// Closes what is idle and keeps no connection from now on; exchanges under way end as they would.
    func close() {
        let pools = state.withLock { state in
            state.isClosed = true
            return Array(state.pools.values)
        }
        for (loop, pool) in pools {
            loop.execute { pool.value.close() }
        }
    }
}
