import Identity
import Synchronization

/// A store that does not answer `ping` until it is let go, and ends no sooner for being cancelled.
final class SilentStore: IdentityStore {
    private struct State {
        var isLetGo = false
        var waiting: [CheckedContinuation<Void, Never>] = []
    }

    private let inner = MemoryStore()
    private let state = Mutex(State())

    func letGo() {
        let waiting = state.withLock { state in
            state.isLetGo = true
            defer { state.waiting = [] }
            return state.waiting
        }
        for continuation in waiting { continuation.resume() }
    }

    func read<Result: Sendable>(_ body: @escaping @Sendable (any StoreReading) throws -> Result) async throws -> Result {
        try await inner.read(body)
    }

    func write<Result: Sendable>(_ body: @escaping @Sendable (any StoreWriting) throws -> Result) async throws -> Result {
        try await inner.write(body)
    }

    func ping() async throws {
        await withCheckedContinuation { continuation in
            let isLetGo = state.withLock { state in
                if !state.isLetGo { state.waiting.append(continuation) }
                return state.isLetGo
            }
            if isLetGo { continuation.resume() }
        }
        try await inner.ping()
    }

    func close() async { await inner.close() }
}
