import Mail
import Synchronization

/// Wakes the mail worker after a request that wrote a mail, so nobody waits for its next look.
final class MailBell: Sendable {
    private let isRung = Atomic(false)
    private let worker: OutboxWorker

    init(worker: OutboxWorker) { self.worker = worker }

    /// A mail is being written; its transaction is still open.
    func ring() { isRung.store(true, ordering: .relaxed) }

    /// The request is over, and so is its transaction.
    func settle() {
        guard isRung.load(ordering: .relaxed), isRung.exchange(false, ordering: .relaxed) else { return }
        worker.wake()
    }
}
