import Identity
import Synchronization

/// The `Date` field (RFC 9110 section 6.6.1), written once a second.
final class DateLine: Sendable {
    private let now: @Sendable () -> Instant
    private let last = Mutex((second: Int64.min, text: ""))

    init(now: @escaping @Sendable () -> Instant) { self.now = now }

    func current() -> String {
        let moment = now()
        return last.withLock { last in
            if last.second != moment.seconds { last = (moment.seconds, moment.httpDate) }
            return last.text
        }
    }
}
