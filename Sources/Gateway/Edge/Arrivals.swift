import Synchronization

/// Counts listeners that are up.
final class Arrivals: Sendable {
    private let state: Mutex<(missing: Int, ports: [ListenAddress: Int])>

    init(_ count: Int) { state = Mutex((count, [:])) }

    /// All ports, for the one that is last.
    func arrived(_ address: ListenAddress, port: Int) -> [ListenAddress: Int]? {
        state.withLock { state in
            state.missing -= 1
            state.ports[address] = port
            return state.missing == 0 ? state.ports : nil
        }
    }
}
