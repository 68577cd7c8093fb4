import NIOCore
import Synchronization

/// The watch of each event loop.
final class StandingWatches: Sendable {
    private let watches = Mutex<[ObjectIdentifier: NIOLoopBound<StandingWatch>]>([:])

    /// To be asked for on the loop.
    func watch(on loop: any EventLoop) -> StandingWatch {
        let bound = watches.withLock { watches in
            if let known = watches[ObjectIdentifier(loop)] { return known }
            let bound = NIOLoopBound(StandingWatch(loop: loop), eventLoop: loop)
            watches[ObjectIdentifier(loop)] = bound
            return bound
        }
        return bound.value
    }
}
