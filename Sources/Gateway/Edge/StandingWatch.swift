import NIOCore

/// One event loop's WebSockets and event streams whose callers can lose what let them in: looked at once a second, by one timer for all of them.
///
/// A look costs a comparison for each; the store is asked only about those whose account has changed.
final class StandingWatch {
    static let pause = TimeAmount.seconds(1)

    private struct Watched {
        weak var connection: EdgeConnection?
    }

    private let loop: any EventLoop
    private var watched: [Watched] = []
    private var isSet = false

    init(loop: any EventLoop) { self.loop = loop }

    /// It is forgotten when it is over.
    func add(_ connection: EdgeConnection) {
        watched.append(Watched(connection: connection))
        set()
    }

    private func set() {
        guard !isSet, !watched.isEmpty else { return }
        isSet = true
        loop.assumeIsolated().scheduleTask(in: Self.pause) {
            self.isSet = false
            self.watched.removeAll { $0.connection?.looksAtStanding() != true }
            self.set()
        }
    }
}

@available(*, unavailable)
extension StandingWatch: Sendable {}
