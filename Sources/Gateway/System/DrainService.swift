import Logging
import ServiceLifecycle

/// The first to hear of a shutdown: `/readyz` says 503 from then on, and answers tell clients to go elsewhere.
struct DrainService: Service {
    let readiness: Readiness
    /// How long listeners stay open after it.
    let lull: Duration
    let log: Logger

    func run() async throws {
        try? await gracefulShutdown()
        readiness.drain()
        log.notice("draining")
        // A listener that closes resets what has connected and waits to be accepted, whole requests and all: it is served first.
        try? await Task.sleep(for: lull)
    }
}
