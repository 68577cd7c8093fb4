import Identity

/// Asks a store whether it answers, and waits no longer than it is worth.
struct StoreProbe: Sendable {
    let store: any IdentityStore
    var patience: Duration = .seconds(2)

    /// Whether the store answers in time.
    func answers() async -> Bool { await ask { try await $0.ping() } != nil }

    /// Asks a question; nil when it fails, or takes too long: then the store is left alone with it.
    func ask<Answer: Sendable>(_ question: @escaping @Sendable (any IdentityStore) async throws -> Answer) async -> Answer? {
        let (answers, arrived) = AsyncStream<Answer?>.makeStream()
        let (store, patience) = (store, patience)
        // Unstructured, as a group would wait for the slower of the two.
        Task { arrived.yield(try? await question(store)) }
        let bell = Task {
            try? await Task.sleep(for: patience)
            arrived.yield(nil)
        }
        defer { bell.cancel() }
        for await answer in answers { return answer }
        return nil
    }
}
