import Identity
import Logging
import ServiceLifecycle
import Storage

/// Takes away, once a minute, what cannot matter any more; in small steps, so that no request waits for it.
///
/// It begins an hour after the start. A machine may start with its clock ahead, and is put right soon; what was taken away by then (that a
/// token was ended) would have to be remembered again.
struct PruningService: Service {
    let store: any IdentityStore
    let shelf: any KeyShelf
    let now: @Sendable () -> Instant
    let log: Logger
    var settling: Duration = .seconds(3600)
    var pause: Duration = .seconds(60)
    var step = 500
    private let startedAt: Instant
    private let started = ContinuousClock.now

    init(store: any IdentityStore, shelf: any KeyShelf, now: @escaping @Sendable () -> Instant, log: Logger) {
        self.store = store
        self.shelf = shelf
        self.now = now
        self.log = log
        startedAt = now()
    }

    func run() async throws {
        await cancelWhenGracefulShutdown {
            guard (try? await Task.sleep(for: settling)) != nil else { return }
            while (try? await Task.sleep(for: pause)) != nil { await prune() }
        }
    }

    private func prune() async {
        do {
            let step = step
            try await shelf.sweep(at: min(now(), startedAt + (ContinuousClock.now - started)))
            while !Task.isCancelled {
                // A wall clock that is wrong for a while takes nothing away that has to be remembered when it is right again.
                let moment = min(now(), startedAt + (ContinuousClock.now - started))
                let count = try await StorePatience.$current.withValue(.work) {
                    try await store.write { try $0.prune(at: moment, limit: step) }
                }
                guard count >= step else { return }
            }
        } catch {
            log.warning("old rows could not be taken away", metadata: ["error": "\(type(of: error))"])
        }
    }
}
