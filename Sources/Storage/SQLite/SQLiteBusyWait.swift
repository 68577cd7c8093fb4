import Glibc
import Identity
import Synchronization

/// How long whoever finds the file locked tries again, by the clock.
///
/// SQLite's own timeout adds up how long it meant to sleep, and so takes longer the busier the machine is.
final class SQLiteBusyWait: Sendable {
    private static let longestPause: Duration = .milliseconds(50)
    private let limit: Duration
    /// When the present wait of each thread began.
    private let begun = Mutex<[pthread_t: ContinuousClock.Instant]>([:])

    init(limit: Duration) { self.limit = limit }

    /// Sleeps for a moment, and says whether to try again; `tries` counts from 0 in each wait (`sqlite3_busy_handler`).
    func goesOn(after tries: Int) -> Bool {
        let (now, thread) = (ContinuousClock.now, pthread_self())
        let start = begun.withLock { begun in
            if tries == 0 { begun[thread] = now }
            return begun[thread] ?? now
        }
        let left = limit - (now - start)
        guard left > .zero else { return false }
        usleep(UInt32(min(left, Self.longestPause, .milliseconds(1 << min(tries, 10))).wholeMicroseconds))
        return true
    }
}
