import Identity
import Synchronization

/// How many requests each caller made in the current window: in memory, as a write for every request would cost more than the request.
///
/// Bounded: when there are too many callers, those whose window is over are forgotten, and then any.
final class RequestCounters: Sendable {
    struct Key: Hashable {
        var frontend: String
        var limit: String
        var caller: String
    }

    private struct Window {
        var startedAt: Instant
        var endsAt: Instant
        var count: Int
    }

    private let windows = Mutex<[Key: Window]>([:])
    private let capacity: Int

    init(capacity: Int = 100_000) { self.capacity = capacity }

    /// Counts one; gives the count and the end of its window, which began with its first request.
    func count(_ key: Key, window span: Duration, at now: Instant) -> (count: Int, endsAt: Instant) {
        windows.withLock { windows in
            var window = windows[key] ?? Window(startedAt: now, endsAt: now + span, count: 0)
            // A clock that was set back must not stretch a window.
            if window.endsAt <= now || window.startedAt > now { window = Window(startedAt: now, endsAt: now + span, count: 0) }
            window.count += 1
            if windows[key] == nil, windows.count >= capacity { Self.makeRoom(in: &windows, at: now) }
            windows[key] = window
            return (window.count, window.endsAt)
        }
    }

    /// How many callers are remembered.
    var callers: Int { windows.withLock(\.count) }

    /// The most bytes by which a caller is remembered.
    var longestKey: Int { windows.withLock { $0.keys.map(\.caller.utf8.count).max() ?? 0 } }

    private static func makeRoom(in windows: inout [Key: Window], at now: Instant) {
        let before = windows.count
        windows = windows.filter { $0.value.endsAt > now }
        guard windows.count > before / 8 * 7 else { return }
        for key in Array(windows.keys.prefix(before / 8)) { windows[key] = nil }
    }
}
