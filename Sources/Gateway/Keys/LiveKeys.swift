import Identity
import Synchronization

/// The keys of a frontend that runs: they change by the clock, and when somebody has replaced one.
package final class LiveKeys: Sendable {
    private struct State {
        var keys: FrontendKeys
        /// Nil for keys that the configuration gives.
        var kept: [KeptKey]?
        var phase: Int
    }

    let name: KeyName
    let isGenerated: Bool
    private let state: Mutex<State>

    init(_ keys: FrontendKeys, kept: [KeptKey]?, _ name: KeyName, at now: Instant) {
        self.name = name
        isGenerated = keys.isGenerated
        state = Mutex(State(keys: keys, kept: kept, phase: keys.phase(at: now)))
    }

    func ring(at now: Instant) -> KeyRing { state.withLock { $0.keys.ring(at: now) } }

    /// Takes over what is kept now; whether that is something else than before.
    func take(_ kept: [KeptKey]) throws(KeyFault) -> Bool {
        guard isGenerated, state.withLock(\.kept) != kept else { return false }
        let keys = try FrontendKeys(kept: kept, name)
        state.withLock {
            $0.keys = keys
            $0.kept = kept
        }
        return true
    }

    /// Whether the clock has made other keys count since it was asked last.
    func hasTurned(at now: Instant) -> Bool {
        state.withLock { state in
            let phase = state.keys.phase(at: now)
            defer { state.phase = phase }
            return phase != state.phase
        }
    }
}
