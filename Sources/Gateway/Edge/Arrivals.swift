import Synchronization

/// Counts listeners that are up, and tells when it has seen all of them.
final class Arrivals: Sendable {
    private let state: Mutex<(missing: Int, ports: [ListenAddress: Int])>
    private let whenAll: @Sendable ([ListenAddress: Int]) async -> Void

    /// `whenAll` is told once, with the ports that the system chose.
    init(_ count: Int, whenAll: @escaping @Sendable ([ListenAddress: Int]) async -> Void) {
        state = Mutex((count, [:]))
        self.whenAll = whenAll
    }

    func arrived(_ address: ListenAddress, port: Int) async {
        let ports = state.withLock { state in
            state.missing -= 1
            state.ports[address] = port
            return state.missing == 0 ? state.ports : nil
        }
        if let ports { await whenAll(ports) }
    }
}
