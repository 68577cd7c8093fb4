import Synchronization

/// What became of mails, for numbers alone.
package final class MailMeter: Sendable {
    /// The counts of one moment.
    package struct Reading: Sendable, Hashable {
        package var sent = 0
        /// Given up.
        package var failed = 0
        /// Tries that are made again later.
        package var postponed = 0
    }

    private let record = Mutex(Reading())

    package init() {}

    package var reading: Reading { record.withLock(\.self) }

    func sent() { record.withLock { $0.sent += 1 } }
    func failed() { record.withLock { $0.failed += 1 } }
    func postponed() { record.withLock { $0.postponed += 1 } }
}
