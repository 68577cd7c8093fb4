import Identity
import NIOCore
import Synchronization

/// The memory of each event loop.
final class HeadMemories: Sendable {
    private let memories = Mutex<[ObjectIdentifier: (memory: NIOLoopBound<HeadMemory>, meter: MemoryMeter)]>([:])

    var meters: [MemoryMeter] { memories.withLock { $0.values.map(\.meter) } }

    /// To be asked for on the loop.
    func memory(on loop: any EventLoop) -> HeadMemory {
        let bound = memories.withLock { memories in
            if let known = memories[ObjectIdentifier(loop)] { return known.memory }
            let memory = HeadMemory()
            let bound = NIOLoopBound(memory, eventLoop: loop)
            memories[ObjectIdentifier(loop)] = (bound, memory.meter)
            return bound
        }
        return bound.value
    }
}
