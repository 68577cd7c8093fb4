import Synchronization

/// How many passwords were hashed and how long that took, for numbers alone.
package final class HashMeter: Sendable {
    /// The counts of one moment.
    package struct Reading: Sendable, Hashable {
        package var done = 0
        package var refused = 0
        /// Of the threads, waiting not included.
        package var time = Duration.zero
    }

    private let record = Mutex(Reading())
    private let uptime: @Sendable () -> Duration

    /// `uptime` tells the time since some moment, and never goes back.
    init(uptime: @escaping @Sendable () -> Duration) { self.uptime = uptime }

    package var reading: Reading { record.withLock(\.self) }

    func measure<Answer>(_ work: () -> Answer) -> Answer {
        let start = uptime()
        let answer = work()
        let took = uptime() - start
        record.withLock { record in
            record.done += 1
            record.time += took
        }
        return answer
    }

    func refused() { record.withLock { $0.refused += 1 } }
}
