import Identity
import Storage
import Synchronization

/// How many requests each caller made in the current window: in memory, as a write for every request would cost more than the request.
///
/// Where instances share a store, it also knows what the others counted (`CountCourier` brings it) and keeps what they have not heard of.
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
        /// What all instances together are known to have counted.
        var known = 0
        /// Counted here and on its way to the others.
        var sent = 0
        /// Counted here.
        var fresh = 0

        var count: Int { known + sent + fresh }

        /// Not when it is over, nor when it would start only later: a clock that was set back must not stretch a window.
        ///
        /// Of requests at the same moment one may have read the clock before another.
        func stands(at now: Instant) -> Bool { endsAt > now && startedAt <= now + .seconds(1) }
    }

    private struct State {
        var windows: [Key: Window] = [:]
        /// Those with something fresh, where there are others to be told.
        var changed: Set<Key> = []
        var sweptAt = Instant(microseconds: 0)
    }

    private let state = Mutex(State())
    private let capacity: Int
    private let isShared: Bool

    init(capacity: Int = 100_000, isShared: Bool = false) {
        self.capacity = capacity
        self.isShared = isShared
    }

    /// Counts one; gives the count and the end of its window, which began with its first request.
    func count(_ key: Key, window span: Duration, at now: Instant) -> (count: Int, endsAt: Instant) {
        state.withLock { state in
            let old = state.windows[key]
            var window = Window(startedAt: now, endsAt: now + span)
            if let old, old.stands(at: now) { window = old }
            window.fresh += 1
            if old == nil, state.windows.count >= capacity { Self.makeRoom(in: &state, at: now) }
            state.windows[key] = window
            if isShared, window.fresh == 1 { state.changed.insert(key) }
            return (window.count, window.endsAt)
        }
    }

    /// How many callers are remembered.
    var callers: Int { state.withLock(\.windows.count) }

    /// How many of them the others have to hear of.
    var unsent: Int { state.withLock(\.changed.count) }

    /// The most bytes by which a caller is remembered.
    var longestKey: Int { state.withLock { $0.windows.keys.map(\.caller.utf8.count).max() ?? 0 } }

    private static func makeRoom(in state: inout State, at now: Instant) {
        let before = state.windows.count
        state.windows = state.windows.filter { $0.value.endsAt > now }
        if state.windows.count > before / 8 * 7 {
            for key in Array(state.windows.keys.prefix(before / 8)) { state.windows[key] = nil }
        }
        let windows = state.windows
        state.changed = state.changed.filter { windows[$0] != nil }
    }

    // MARK: Others

    /// What was counted here since the last time, of at most so many callers: to be given back, or answered by totals.
    func take(_ most: Int, at now: Instant) -> [RequestCount] {
        state.withLock { state in
            let keys = Array(state.changed.prefix(most))
            state.changed.subtract(keys)
            var counts: [RequestCount] = []
            for key in keys {
                // No store takes U+0000, which is in no address.
                guard var window = state.windows[key], window.fresh > 0, window.endsAt > now, !key.caller.utf8.contains(0) else { continue }
                counts.append(
                    RequestCount(
                        frontend: key.frontend, limit: key.limit, caller: key.caller, hits: window.fresh, startedAt: window.startedAt,
                        endsAt: window.endsAt))
                window.sent += window.fresh
                window.fresh = 0
                state.windows[key] = window
            }
            return counts
        }
    }

    /// The others have not heard of these.
    ///
    /// Or have, and the answer was lost: such a one counts twice rather than not at all.
    func giveBack(_ counts: [RequestCount]) {
        state.withLock { state in
            for count in counts {
                let key = Key(count)
                guard var window = state.windows[key], window.sent > 0 else { continue }
                window.fresh += window.sent
                window.sent = 0
                state.windows[key] = window
                state.changed.insert(key)
            }
        }
    }

    /// Learns totals; `own` answer what was taken.
    ///
    /// A part at a time, as requests wait meanwhile.
    func learn(_ totals: [RequestCount], own: Bool, at now: Instant) {
        var rest = totals[...]
        while !rest.isEmpty {
            let part = rest.prefix(500)
            rest = rest.dropFirst(500)
            state.withLock { state in
                sweep(&state, at: now)
                for total in part { learn(total, own: own, at: now, in: &state) }
            }
        }
    }

    private func learn(_ total: RequestCount, own: Bool, at now: Instant, in state: inout State) {
        let key = Key(total)
        let old = state.windows[key]
        if own { state.windows[key]?.sent = 0 }
        guard total.endsAt > now, old != nil || state.windows.count < roomForOthers else { return }
        // By a clock that is ahead it starts later; it is no longer here than anywhere.
        var window = Window(
            startedAt: min(total.startedAt, now), endsAt: min(total.endsAt, now + (total.endsAt - total.startedAt)), known: total.hits)
        if let old, old.stands(at: now) {
            window.fresh = old.fresh
            window.sent = own ? 0 : old.sent
        } else {
            state.changed.remove(key)
        }
        state.windows[key] = window
    }

    /// The rest is for those who come to us.
    private var roomForOthers: Int { capacity / 8 * 7 }

    private func sweep(_ state: inout State, at now: Instant) {
        guard state.windows.count >= roomForOthers, now - state.sweptAt > .seconds(10) || now < state.sweptAt else { return }
        state.sweptAt = now
        state.windows = state.windows.filter { $0.value.endsAt > now }
        let windows = state.windows
        state.changed = state.changed.filter { windows[$0] != nil }
    }
}

extension RequestCounters.Key {
    fileprivate init(_ count: RequestCount) { self.init(frontend: count.frontend, limit: count.limit, caller: count.caller) }
}
