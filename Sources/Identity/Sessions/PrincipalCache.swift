import Crypto
import Synchronization

/// Who recently shown tokens and API keys belong to, as long as their accounts have not changed since they were read and the token lives;
/// and the accounts themselves, for tokens that no store has a record of.
///
/// Holds of each at most twice its limit: when the younger half is full it becomes the older one, and the older one is forgotten.
package final class PrincipalCache: Sendable {
    /// Somebody who is remembered, and on what that rests.
    package final class Entry: Sendable {
        package let principal: Principal
        /// When the token ends; of an API key, never.
        package let expiresAt: Instant
        /// The count of changes before it was read.
        package let mark: UInt64

        init(_ principal: Principal, expiresAt: Instant, mark: UInt64) {
            self.principal = principal
            self.expiresAt = expiresAt
            self.mark = mark
        }
    }

    private final class Owner: Sendable {
        let account: Account
        let mark: UInt64

        init(_ account: Account, mark: UInt64) {
            self.account = account
            self.mark = mark
        }
    }

    private struct Halves: Sendable {
        /// By the SHA-256 of all bytes: no token is kept, and two that `String` takes for one are two.
        var young: [SHA256Digest: Entry] = [:]
        var old: [SHA256Digest: Entry] = [:]
        var youngOwners: [AccountReference: Owner] = [:]
        var oldOwners: [AccountReference: Owner] = [:]
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

    /// How many accounts it takes without forgetting any.
    var roomForAccounts: Int { known == nil ? 0 : limit / 2 }

    /// The mark to take before the store is read for an entry.
    var currentMark: UInt64 { mark.current }

    /// Whoever has shown the credential of this hash.
    func entry(of key: SHA256Digest, at now: Instant) -> Entry? {
        let found = halves.withLock { $0.young[key] ?? $0.old[key] }
        guard let found, found.expiresAt > now, mark.stands(found.principal.account.id, since: found.mark) else { return nil }
        return found
    }

    /// Remembers what was read since `mark` was taken; it counts as long as the account has not changed since.
    func remember(_ entry: Entry, for key: SHA256Digest) {
        halves.withLock { halves in
            halves.young[key] = entry
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
            halves.youngOwners[reference] = Owner(owner, mark: mark)
            guard halves.youngOwners.count >= limit else { return }
            halves.oldOwners = halves.youngOwners
            halves.youngOwners = [:]
        }
    }
}
