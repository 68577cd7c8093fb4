import Crypto
import Synchronization

/// Who recently shown tokens and API keys belong to, as long as their accounts have not changed since they were read and the token lives;
/// and the accounts themselves, for tokens that no store has a record of.
///
/// Holds of each at most twice its limit: when the younger half is full it becomes the older one, and the older one is forgotten.
package final class PrincipalCache: Sendable {
    /// Somebody who is remembered, and on what that rests.
    package struct Entry: Sendable {
        package var principal: Principal
        /// When the token ends; of an API key, never.
        package var expiresAt: Instant
        /// The count of changes before it was read.
        package var mark: UInt64
    }

    private struct Halves: Sendable {
        /// By the SHA-256 of a token's bytes: no token is kept, and two that `String` takes for one are two.
        var young: [SHA256Digest: Entry] = [:]
        var old: [SHA256Digest: Entry] = [:]
        var youngOwners: [AccountReference: (account: Account, mark: UInt64)] = [:]
        var oldOwners: [AccountReference: (account: Account, mark: UInt64)] = [:]
    }

    package let mark: ChangeMark
    /// Nil: any token may have a record.
    private let known: KnownTokens?
    /// Of look-ups; who uses the memory counts.
    let meter: MemoryMeter
    private let limit: Int
    private let halves = Mutex(Halves())

    package init(mark: ChangeMark, known: KnownTokens? = nil, limit: Int = 8192, meter: MemoryMeter = MemoryMeter()) {
        self.mark = mark
        self.known = known
        self.meter = meter
        self.limit = limit
    }

    /// The mark to take before the store is read for an entry.
    var currentMark: UInt64 { mark.current }

    func entry(of token: String, at now: Instant) -> Entry? {
        let key = Self.key(token)
        let found = halves.withLock { $0.young[key] ?? $0.old[key] }
        guard let found, found.expiresAt > now, mark.stands(found.principal.account.id, since: found.mark) else { return nil }
        return found
    }

    /// Remembers what was read since `mark` was taken; it counts as long as the account has not changed since.
    func remember(_ principal: Principal, for token: String, until expiresAt: Instant, mark: UInt64) {
        let key = Self.key(token)
        halves.withLock { halves in
            halves.young[key] = Entry(principal: principal, expiresAt: expiresAt, mark: mark)
            guard halves.young.count >= limit else { return }
            halves.old = halves.young
            halves.young = [:]
        }
    }

    /// False only when the store has no record of the token.
    func mayBeRecorded(_ digest: Digest) -> Bool { known?.mayHold(digest) ?? true }

    /// The account that tokens name so, as it is now; nil when it is not remembered.
    func owner(_ reference: AccountReference) -> Account? {
        let found = halves.withLock { $0.youngOwners[reference] ?? $0.oldOwners[reference] }
        guard let found, mark.stands(found.account.id, since: found.mark) else { return nil }
        return found.account
    }

    /// Remembers what was read since `mark` was taken.
    func remember(_ owner: Account, as reference: AccountReference, mark: UInt64) {
        guard known != nil else { return }
        halves.withLock { halves in
            halves.youngOwners[reference] = (owner, mark)
            guard halves.youngOwners.count >= limit else { return }
            halves.oldOwners = halves.youngOwners
            halves.youngOwners = [:]
        }
    }

    private static func key(_ token: String) -> SHA256Digest {
        var token = token
        return token.withUTF8 { SHA256.hash(data: UnsafeRawBufferPointer($0)) }
    }
}
