import Identity
import Logging
import ServiceLifecycle
import Storage
import Synchronization

/// Moves the mark of changes by what other instances and an operator's commands tell through a store that they share.
///
/// What is remembered of callers counts for a second from the moment at which the store was last asked. So whoever was signed out,
/// suspended or deleted elsewhere is refused here no later than a second after that was committed, whatever fails: usually after a
/// twentieth, when the next answer tells of it; and when no answer comes, because nothing remembered counts any more and each request
/// asks the store, or ends with 503 when that does not answer either.
struct FeedService: Service {
    static let trust: Duration = .seconds(1)
    let store: SQLStore
    let mark: ChangeMark
    let log: Logger

    func run() async throws {
        let ears = Ears(mark: mark, log: log)
        let feed = store.follow(uptime: SystemClock.uptime) { ears.hear($0) }
        try? await gracefulShutdown()
        feed?.stop()
    }
}

/// Who listens to the feed.
private final class Ears: Sendable {
    private let mark: ChangeMark
    private let log: Logger
    private let isDeaf = Mutex(false)

    init(mark: ChangeMark, log: Logger) { (self.mark, self.log) = (mark, log) }

    func hear(_ news: ChangeNews) {
        switch news {
        // First what changed, then the trust.
        case .accounts(let accounts, let moment):
            mark.move(accounts)
            mark.trust(until: moment + FeedService.trust)
            turn(deaf: nil)
        case .everything(let moment):
            mark.moveAll()
            mark.trust(until: moment + FeedService.trust)
            turn(deaf: nil)
        case .silence(let reason): turn(deaf: reason)
        }
    }

    /// Logs when it changes.
    private func turn(deaf fault: StoreError?) {
        let changes = isDeaf.withLock { isDeaf in
            defer { isDeaf = fault != nil }
            return isDeaf != (fault != nil)
        }
        guard changes else { return }
        guard let fault else { return log.notice("other instances are heard again") }
        log.warning("other instances are not heard: every request asks the store", metadata: ["reason": "\(fault.reason)"])
    }
}
