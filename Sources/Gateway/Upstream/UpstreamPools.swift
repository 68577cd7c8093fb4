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
            let pool = UpstreamPool(eventLoop: eventLoop, counts: counts, isClosed: state.isClosed) { [weak self] in
                self?.makesRoom(for: eventLoop) ?? false
            }
            let bound = NIOLoopBound(pool, eventLoop: eventLoop)
            state.pools[ObjectIdentifier(eventLoop)] = (eventLoop, bound)
            return bound
        }
        return bound.value
    }

    /// Has another loop close an idle connection; false when there is none that is not about to be closed already.
    private func makesRoom(for eventLoop: any EventLoop) -> Bool {
        let (_, leaving) = counts.leaving.wrappingAdd(1, ordering: .relaxed)
        guard leaving <= counts.idle.load(ordering: .relaxed) else {
            counts.leaving.wrappingSubtract(1, ordering: .relaxed)
            return false
        }
        let others = state.withLock { state in state.pools.values.filter { $0.loop !== eventLoop } }
        closeIdle(in: others[...])
        return true
    }

    /// In the first that has one.
    private func closeIdle(in pools: ArraySlice<(loop: any EventLoop, pool: NIOLoopBound<UpstreamPool>)>) {
        guard let (loop, pool) = pools.first else {
            counts.leaving.wrappingSubtract(1, ordering: .relaxed)
            return
        }
        loop.execute { [self] in closeIdle(in: pool.value.closeIdle() ? [] : pools.dropFirst()) }
    }

    /// Closes what is idle of upstreams that are asked no more.
    func retire(_ upstreams: [Upstream]) {
        for upstream in upstreams { upstream.retire() }
        for (loop, pool) in state.withLock({ Array($0.pools.values) }) {
            loop.execute { pool.value.closeRetired() }
        }
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
