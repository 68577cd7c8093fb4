import NIOCore
import Synchronization

/// One upstream by name: its addresses in turn, which of them are thought to be down, its timeouts.
final class Upstream: Sendable {
    private static let made = Atomic<Int>(0)

    /// Of no other upstream in this process.
    let id = Upstream.made.wrappingAdd(1, ordering: .relaxed).newValue
    let name: String
    let settings: UpstreamSettings
    let targets: [UpstreamTarget]
    /// What its `Host` field says: the first address, whichever is called.
    let authority: String
    /// Its connections and faults, also those of before a reload.
    let meter: UpstreamMeter
    private let turn = Atomic<Int>(0)
    private let retired = Atomic<Bool>(false)

    init(name: String, settings: UpstreamSettings, meter: UpstreamMeter = UpstreamMeter()) {
        self.meter = meter
        self.name = name
        self.settings = settings
        targets = settings.addresses.map(UpstreamTarget.init)
        authority = settings.addresses.first?.authority ?? ""
    }

    /// Whether a reload has put another in its place: its connections are kept no longer.
    var isRetired: Bool { retired.load(ordering: .relaxed) }

    func retire() { retired.store(true, ordering: .relaxed) }

    /// Chooses the next target that is not thought to be down; when all are, the next of those.
    ///
    /// Nil when all were tried.
    func nextTarget(except tried: Set<Int>) -> Int? {
        // Most upstreams have one address and ask no clock.
        guard targets.count > 1 else { return targets.isEmpty || tried.contains(0) ? nil : 0 }
        let now = NIODeadline.now()
        let first = Int(bitPattern: UInt(bitPattern: turn.wrappingAdd(1, ordering: .relaxed).oldValue) % UInt(targets.count))
        var fallback: Int?
        for step in 0..<targets.count {
            let index = (first + step) % targets.count
            guard !tried.contains(index) else { continue }
            if !targets[index].isDown(at: now) { return index }
            fallback = fallback ?? index
        }
        return fallback
    }
}
