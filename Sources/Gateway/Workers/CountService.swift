import Identity
import Logging
import ServiceLifecycle
import Storage

/// Exchanges what requests are counted by with the other instances, five times a second; no request waits for it.
struct CountService: Service {
    let store: SQLStore
    let counters: RequestCounters
    let log: Logger
    let now: @Sendable () -> Instant
    var pause: Duration = .milliseconds(200)

    func run() async throws {
        await cancelWhenGracefulShutdown {
            var courier = CountCourier(store: store, counters: counters, now: now)
            var isAlone = false
            while (try? await Task.sleep(for: pause)) != nil {
                do {
                    try await courier.exchange()
                    if isAlone { log.notice("limits are counted together again") }
                    isAlone = false
                } catch {
                    let reason = (error as? StoreError)?.reason ?? "\(type(of: error))"
                    if !isAlone { log.warning("limits are counted by this instance alone", metadata: ["reason": "\(reason)"]) }
                    isAlone = true
                }
            }
            // The requests that were answered last.
            try? await courier.exchange()
        }
    }
}
