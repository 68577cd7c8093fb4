import Identity
import ServiceLifecycle

/// Ends the hashing threads and closes the store, after everything that uses them has ended.
struct StoreService: Service {
    let environment: IdentityEnvironment

    func run() async throws {
        try? await gracefulShutdown()
        await environment.hasher.stop()
        await environment.store.close()
    }
}
