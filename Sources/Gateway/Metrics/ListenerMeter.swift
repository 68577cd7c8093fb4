import Synchronization

/// The connections of one address.
final class ListenerMeter: Sendable {
    let address: String
    /// How many connections it may have at once.
    let limit: Int
    let memories: HeadMemories
    private let now = Atomic<Int>(0)
    private let ever = Atomic<Int>(0)
    private let sentAway = Atomic<Int>(0)

    init(address: String, limit: Int, memories: HeadMemories) {
        self.address = address
        self.limit = limit
        self.memories = memories
    }

    var open: Int { now.load(ordering: .relaxed) }
    var accepted: Int { ever.load(ordering: .relaxed) }
    var refusals: Int { sentAway.load(ordering: .relaxed) }

    func opened() {
        now.wrappingAdd(1, ordering: .relaxed)
        ever.wrappingAdd(1, ordering: .relaxed)
    }

    func closed() { now.wrappingSubtract(1, ordering: .relaxed) }

    /// One client had too many already.
    func refused() { sentAway.wrappingAdd(1, ordering: .relaxed) }
}
