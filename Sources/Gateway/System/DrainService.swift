import Logging
import ServiceLifecycle

/// The first to hear of a shutdown: `/readyz` says 503 from then on, and answers tell clients to go elsewhere.
struct DrainService: Service {
    let readiness: Readiness
    let log: Logger

    func run() async throws {
        try? await gracefulShutdown()
        readiness.drain()
        log.notice("draining")
    }
}
