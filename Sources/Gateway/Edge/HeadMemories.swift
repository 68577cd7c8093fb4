import NIOCore
import Synchronization

/// The memory of each event loop.
final class HeadMemories: Sendable {
    private let memories = Mutex<[ObjectIdentifier: NIOLoopBound<HeadMemory>]>([:])

    /// To be asked for on the loop.
    func memory(on loop: any EventLoop) -> HeadMemory {
        let bound = memories.withLock { memories in
            if let bound = memories[ObjectIdentifier(loop)] { return bound }
            let bound = NIOLoopBound(HeadMemory(), eventLoop: loop)
            memories[ObjectIdentifier(loop)] = bound
            return bound
        }
        return bound.value
    }
}
