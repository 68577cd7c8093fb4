import Synchronization

/// How often a memory knew what it was asked, for numbers alone.
package final class MemoryMeter: Sendable {
    private let known = Atomic<Int>(0)
    private let unknown = Atomic<Int>(0)

    package init() {}

    package var hits: Int { known.load(ordering: .relaxed) }
    package var misses: Int { unknown.load(ordering: .relaxed) }

    package func hit() { known.wrappingAdd(1, ordering: .relaxed) }
    package func missed() { unknown.wrappingAdd(1, ordering: .relaxed) }
}
