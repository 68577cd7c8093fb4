import Synchronization

/// A number that moves with every change of the store: what was read at one mark is good as long as the mark stands.
package final class ChangeMark: Sendable {
    private let number = Atomic<UInt64>(0)

    package init() {}

    package var current: UInt64 { number.load(ordering: .acquiring) }

    /// Everything read before is stale from now on.
    package func move() { number.wrappingAdd(1, ordering: .acquiringAndReleasing) }
}
