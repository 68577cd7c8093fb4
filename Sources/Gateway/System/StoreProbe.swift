import Identity

/// Asks a store whether it answers, and waits no longer than it is worth.
struct StoreProbe: Sendable {
    let store: any IdentityStore
    var patience: Duration = .seconds(2)

    /// Whether the store answers in time; one that hangs is left alone with its question.
    func answers() async -> Bool {
        let (verdicts, arrived) = AsyncStream<Bool>.makeStream()
        let (store, patience) = (store, patience)
        // Unstructured, as a group would wait for the slower of the two.
        Task { arrived.yield((try? await store.ping()) != nil) }
        let bell = Task {
            try? await Task.sleep(for: patience)
            arrived.yield(false)
        }
        defer { bell.cancel() }
        for await verdict in verdicts { return verdict }
        return false
    }
}
