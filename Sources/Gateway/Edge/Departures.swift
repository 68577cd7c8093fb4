import NIOCore

/// One event loop's answers that leave together.
///
/// Sending an answer wakes whoever waits for it, which costs the kernel more than the sending does. Where one program waits for many, a proxy
/// for instance, the first of several that leave in a row has woken it for all.
final class Departures {
    /// The most that wait for each other.
    static let limit = 16

    private let loop: any EventLoop
    private var waiting: [EdgeConnection] = []

    init(loop: any EventLoop) { self.loop = loop }

    /// To be flushed when all that came in together has been looked at, or sooner.
    func add(_ connection: EdgeConnection) {
        waiting.append(connection)
        if waiting.count == Self.limit { return leave() }
        if waiting.count == 1 { loop.assumeIsolated().execute { self.leave() } }
    }

    private func leave() {
        var leaving: [EdgeConnection] = []
        swap(&leaving, &waiting)
        for connection in leaving { connection.flush() }
        leaving.removeAll(keepingCapacity: true)
        if waiting.isEmpty { swap(&leaving, &waiting) }
    }
}

@available(*, unavailable)
extension Departures: Sendable {}
