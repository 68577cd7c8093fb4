import Mail
import ServiceLifecycle

/// Sends mails until the process goes down; the one under way is still finished and marked.
struct OutboxService: Service {
    let worker: OutboxWorker

    func run() async throws {
        await cancelWhenGracefulShutdown { await worker.run() }
    }
}
