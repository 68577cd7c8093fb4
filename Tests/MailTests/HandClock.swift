import Synchronization

/// Time that passes only when someone sleeps.
///
/// Begins at a round moment; microseconds.
final class HandClock: Sendable {
    static let start: Int64 = 1_735_689_600_000_000

    private let moment = Mutex(start)
    private let naps = Mutex<[Duration]>([])
    private let onSleep = Mutex<(@Sendable (Int64) throws -> Void)?>(nil)

    var now: Int64 { moment.withLock(\.self) }

    /// The time since the start.
    var elapsed: Duration { .microseconds(now - Self.start) }

    /// Each sleep so far.
    var sleeps: [Duration] { naps.withLock(\.self) }

    /// Calls `body` with the new moment after each sleep.
    func afterSleep(_ body: @escaping @Sendable (Int64) throws -> Void) {
        onSleep.withLock { $0 = body }
    }

    func sleep(_ duration: Duration) async throws {
        try Task.checkCancellation()
        let now = moment.withLock { moment in
            moment += Int64(duration / .microseconds(1))
            return moment
        }
        naps.withLock { $0.append(duration) }
        try onSleep.withLock(\.self)?(now)
        await Task.yield()
    }
}

extension Int64 {
    /// A moment so many seconds after the start of a ``HandClock``.
    static func second(_ seconds: Double) -> Int64 { HandClock.start + Int64(seconds * 1_000_000) }
}
