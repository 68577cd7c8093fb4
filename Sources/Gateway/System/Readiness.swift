import Synchronization

/// Whether the process wants new requests.
package final class Readiness: Sendable {
    private struct KeyReading {
        var at: Duration
        var limit: Duration
    }

    package enum Phase: Sendable, Hashable { case starting, serving, draining }

    private let state = Mutex(Phase.starting)
    /// Of keys that other instances may replace; nil where there are none.
    private let keyReading = Mutex<KeyReading?>(nil)

    package init() {}

    package var phase: Phase { state.withLock(\.self) }
    var isDraining: Bool { phase == .draining }

    func serve() { state.withLock { if $0 == .starting { $0 = .serving } } }
    /// From now on keys have to be read again within `limit`.
    func expectKeys(within limit: Duration, from uptime: Duration) {
        keyReading.withLock { $0 = KeyReading(at: uptime, limit: limit) }
    }

    /// The keys were read, as they stood at that time since the machine's start.
    func readKeys(at uptime: Duration) { keyReading.withLock { $0?.at = uptime } }

    /// Whether another instance may sign with a key that is not known here.
    func missesKeys(at uptime: Duration) -> Bool {
        keyReading.withLock { reading in reading.map { uptime - $0.at > $0.limit } ?? false }
    }

    func drain() { state.withLock { $0 = .draining } }
}
