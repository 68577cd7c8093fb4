import Synchronization

/// Who recently shown tokens belong to, as long as nothing in the store has changed since it was read and the token lives.
///
/// Holds at most twice its limit: when the younger half is full it becomes the older one, and the older one is forgotten.
package final class PrincipalCache: Sendable {
    private struct Entry: Sendable {
        var principal: Principal
        var expiresAt: Instant
        var mark: UInt64
    }

    private struct Halves: Sendable {
        var young: [String: Entry] = [:]
        var old: [String: Entry] = [:]
    }

    private let mark: ChangeMark
    private let limit: Int
    private let halves = Mutex(Halves())

    package init(mark: ChangeMark, limit: Int = 8192) {
        self.mark = mark
        self.limit = limit
    }

    /// The mark to take before the store is read for an entry.
    var currentMark: UInt64 { mark.current }

    func principal(of token: String, at now: Instant) -> Principal? {
        let current = mark.current
        let found = halves.withLock { $0.young[token] ?? $0.old[token] }
        guard let found, found.mark == current, found.expiresAt > now else { return nil }
        return found.principal
    }

    /// Remembers what was read since `mark` was taken; tokens that end here within the mark's life are read again.
    func remember(_ principal: Principal, for token: String, until expiresAt: Instant, mark: UInt64) {
        halves.withLock { halves in
            halves.young[token] = Entry(principal: principal, expiresAt: expiresAt, mark: mark)
            guard halves.young.count >= limit else { return }
            halves.old = halves.young
            halves.young = [:]
        }
    }
}
