import NIOCore
import NIOPosix
import Synchronization

/// The connections of one event loop: idle ones to be used again, and how many each upstream has.
///
/// Touched on its loop alone.
final class UpstreamPool {
    /// What there is for one upstream.
    private struct Shelf {
        var open = 0
        /// By target; the last is the one that was busy last, and the first to be taken.
        var idle: [[UpstreamConnection]]

        init(targets: Int) { idle = Array(repeating: [], count: targets) }
    }

    let eventLoop: any EventLoop
    private let counts: UpstreamCounts
    /// Asks other loops' pools for room.
    private let askOthers: () -> Bool
    private var shelves: [Int: Shelf] = [:]
    private var shares: [Int: ConnectionShares] = [:]
    private var isClosed: Bool

    init(eventLoop: any EventLoop, counts: UpstreamCounts, isClosed: Bool, askOthers: @escaping () -> Bool) {
        self.eventLoop = eventLoop
        self.counts = counts
        self.askOthers = askOthers
        self.isClosed = isClosed
    }

    /// Whether a caller may have one connection more of an upstream's; what it takes is to be given back.
    func takeShare(_ part: ConnectionShares.Part, of upstream: Upstream, for caller: String) -> Bool {
        shares[upstream.id, default: ConnectionShares(connections: upstream.settings.connections)].take(part, caller)
    }

    func bodyCame(_ caller: String, for upstream: Upstream) { shares[upstream.id]?.bodyCame(caller) }

    func giveBack(_ part: ConnectionShares.Part, of upstream: Upstream, from caller: String) {
        shares[upstream.id]?.giveBack(part, caller)
        if shares[upstream.id]?.isEmpty == true { shares[upstream.id] = nil }
    }

    /// A kept connection.
    func take(_ upstream: Upstream, _ target: Int) -> UpstreamConnection? {
        guard let connection = shelves[upstream.id]?.idle[target].popLast() else { return nil }
        counts.idle.wrappingSubtract(1, ordering: .relaxed)
        upstream.meter.idle.wrappingSubtract(1, ordering: .relaxed)
        return connection
    }

    /// Whether the upstream may have one more connection; what is idle makes room: one to another address of its own, or any where there are
    /// too many of all.
    func hasRoom(for upstream: Upstream) -> Bool {
        guard counts.hasRoom || (closeIdle() && counts.hasRoom) || askOthers() else { return false }
        guard let shelf = shelves[upstream.id], shelf.open >= upstream.settings.connections else { return true }
        guard let idle = shelf.idle.lazy.compactMap(\.first).first else { return false }
        idle.close()
        // A close tells of itself at once, but not when it is under way already.
        return (shelves[upstream.id]?.open ?? 0) < upstream.settings.connections
    }

    /// Makes a connection; names are resolved off the loop.
    func connect(_ upstream: Upstream, _ target: Int, _ whenDone: @escaping (Result<UpstreamConnection, any Error>) -> Void) {
        shelves[upstream.id, default: Shelf(targets: upstream.targets.count)].open += 1
        counts.open.wrappingAdd(1, ordering: .relaxed)
        upstream.meter.open.wrappingAdd(1, ordering: .relaxed)
        let bootstrap = ClientBootstrap(group: eventLoop)
            .connectTimeout(TimeAmount(upstream.settings.connectTimeout))
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.setThriftyReads()
                    try channel.pipeline.syncOperations.addHandler(UpstreamConnection())
                }
            }
        let address = upstream.targets[target].address
        let channel =
            if let socketAddress = upstream.targets[target].socketAddress {
                bootstrap.connect(to: socketAddress)
            } else {
                bootstrap.connect(host: address.host, port: Int(address.port))
            }
        channel.assumeIsolated().whenComplete { result in
            do {
                let connection = try result.get().pipeline.syncOperations.handler(type: UpstreamConnection.self)
                guard connection.adopt(pool: self, upstream: upstream, target: target) else { throw ChannelError.ioOnClosedChannel }
                whenDone(.success(connection))
            } catch {
                self.forget(upstream)
                whenDone(.failure(error))
            }
        }
    }

    /// Keeps a connection for the next request.
    func keep(_ connection: UpstreamConnection, _ upstream: Upstream, _ target: Int) {
        guard !isClosed, !upstream.isRetired, connection.isOpen else { return connection.close() }
        shelves[upstream.id]?.idle[target].append(connection)
        counts.idle.wrappingAdd(1, ordering: .relaxed)
        upstream.meter.idle.wrappingAdd(1, ordering: .relaxed)
    }

    /// A connection is closed.
    func closed(_ connection: UpstreamConnection, _ upstream: Upstream, _ target: Int) {
        if let index = shelves[upstream.id]?.idle[target].lastIndex(where: { $0 === connection }) {
            shelves[upstream.id]?.idle[target].remove(at: index)
            counts.idle.wrappingSubtract(1, ordering: .relaxed)
            upstream.meter.idle.wrappingSubtract(1, ordering: .relaxed)
        }
        forget(upstream)
    }

    /// Closes the connection that has been idle longest of the upstream that has most of them; false when none is.
    func closeIdle() -> Bool {
        let most = shelves.values.flatMap(\.idle).max { $0.count < $1.count }
        guard let idle = most?.first else { return false }
        idle.close()
        return true
    }

    /// Closes what is idle of upstreams that a reload has put others in the place of.
    func closeRetired() {
        for connection in shelves.values.flatMap({ $0.idle.joined() }) where connection.isRetired { connection.close() }
    }

    /// Closes what is idle and keeps nothing from now on.
    func close() {
        isClosed = true
        for connection in shelves.values.flatMap({ $0.idle.joined() }) { connection.close() }
    }

    private func forget(_ upstream: Upstream) {
        counts.open.wrappingSubtract(1, ordering: .relaxed)
        upstream.meter.open.wrappingSubtract(1, ordering: .relaxed)
        let key = upstream.id
        shelves[key]?.open -= 1
        // The last one out: a reload leaves no shelf behind.
        if shelves[key]?.open == 0 { shelves[key] = nil }
    }
}

@available(*, unavailable)
extension UpstreamPool: Sendable {}
