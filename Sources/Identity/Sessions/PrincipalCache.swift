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
        /// By a token's bytes: `String` takes a token with a Kelvin sign for the one with a `K`.
        var young: [[UInt8]: Entry] = [:]
        var old: [[UInt8]: Entry] = [:]
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
        let key = Array(token.utf8)
        let found = halves.withLock { $0.young[key] ?? $0.old[key] }
        guard let found, found.mark == current, found.expiresAt > now else { return nil }
        return found.principal
    }

    /// Remembers what was read since `mark` was taken; tokens that end here within the mark's life are read again.
    func remember(_ principal: Principal, for token: String, until expiresAt: Instant, mark: UInt64) {
        halves.withLock { halves in
            halves.young[Array(token.utf8)] = Entry(principal: principal, expiresAt: expiresAt, mark: mark)
            guard halves.young.count >= limit else { return }
            halves.old = halves.young
            halves.young = [:]
        }
    }
}
