import NIOCore
import Synchronization

/// The deadlines of each event loop.
final class DeadlineClocks: Sendable {
    private let clocks = Mutex<[ObjectIdentifier: NIOLoopBound<DeadlineClock>]>([:])

    /// To be asked for on the loop.
    func clock(on loop: any EventLoop) -> DeadlineClock {
        let bound = clocks.withLock { clocks in
            if let known = clocks[ObjectIdentifier(loop)] { return known }
            let bound = NIOLoopBound(DeadlineClock(loop: loop), eventLoop: loop)
            clocks[ObjectIdentifier(loop)] = bound
            return bound
        }
        return bound.value
    }
}
