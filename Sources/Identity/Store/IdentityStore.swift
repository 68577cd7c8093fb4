/// Where accounts, sessions and secrets are kept.
///
/// The contract is here; one conformance suite holds every backend to it.
///
/// A transaction sees its own writes, and either all or none of its writes happen. `write` returns when the commit is durable: what was
/// answered survives a crash. The body is synchronous, quick and may be run again after a conflict, so it has no effect but through the
/// transaction. Bodies never hash passwords, sign tokens with RSA, or wait.
package protocol IdentityStore: Sendable {
    /// A consistent snapshot; concurrent with everything.
    func read<Result: Sendable>(_ body: @escaping @Sendable (any StoreReading) throws -> Result) async throws -> Result
    /// Writes are serialised, or run again a few times until they are as if serialised (an optimistic `version` or unique key tells).
    ///
    /// What the body throws undoes its writes and is rethrown as it is, a `conflict` that stays included; what the backend throws is a
    /// `StoreError`. A body that catches one and goes on keeps its transaction after `.taken` and `.conflict` alone: after another, some
    /// backends undo everything and throw it again.
    func write<Result: Sendable>(_ body: @escaping @Sendable (any StoreWriting) throws -> Result) async throws -> Result
    /// Asks the backend itself, not a cache.
    func ping() async throws
    func close() async
}

/// What can be asked of a store.
///
/// All keys are per realm; digests are SHA-256.
package protocol StoreReading {
    func account(id: AccountID, realm: String) throws -> Account?
    func account(serial: Int64, realm: String) throws -> Account?
    /// By the identifier's key (ASCII letter case ignored); whether an exact spelling is wanted is the caller's matter.
    ///
    /// Deleted accounts
    /// are found too.
    func account(_ kind: IdentifierKind, key: IdentifierKey, realm: String) throws -> Account?
    /// Accounts that wait for this new address, at most two.
    func accounts(pendingEmail: IdentifierKey, realm: String) throws -> [Account]
    /// Pages in serial order, those above `after`; `search` matches the start of an e-mail or username key, in either letter case.
    func accounts(realm: String, after: Int64, limit: Int, search: String?) throws -> [Account]
    /// Deleted ones included.
    func accountCount(realm: String) throws -> Int64

    func session(id: SessionID) throws -> Session?
    /// The record of a token by the digest of its signing input.
    func token(digest: Digest) throws -> TokenRecord?
    /// Of all token records, by pages: those above `after` in the order of their bytes.
    func tokenDigests(after: Digest?, limit: Int) throws -> [Digest]
    func apiKey(digest: Digest) throws -> APIKeyRecord?
    /// The secret of that account and purpose that is neither used nor void; it may have expired.
    func secret(account: AccountID, purpose: SecretPurpose) throws -> Secret?
    /// By a mailed token's digest, living or used; void ones are not found.
    func secret(digest: Digest, purpose: SecretPurpose) throws -> Secret?
    /// As it was left by the last count, even when its window is over.
    func counter(_ bucket: String) throws -> Counter?
    /// How many mails there are in this state; quick, however many.
    func outboxCount(_ state: OutboxEntry.State) throws -> Int64
    /// For people: newest first.
    func outbox(state: OutboxEntry.State?, limit: Int) throws -> [OutboxEntry]
    /// All generated keys, those past their end included, by their numbers; few, as they are asked for every second.
    func sealedKeys() throws -> [SealedKey]
}

package protocol StoreWriting: StoreReading {
    /// Stores a new account as version 1 and gives it the next serial; a serial above 0 is kept (imports), and later ones go on above it.
    ///
    /// Throws `StoreError.taken` for the first identifier (e-mail, username, phone) that another account of the realm has, deleted ones
    /// included; the transaction goes on unharmed, and no serial is used.
    func insert(_ account: Account) throws -> Account
    /// Writes the row if its version is still `account.version`, else (or when it is gone) throws `.conflict`; `.taken` as in `insert`.
    ///
    /// Returns it with its new version. Id, realm, serial and `createdAt` never change.
    func update(_ account: Account) throws -> Account
    /// Takes the row and all that hangs on it away for good: sessions, tokens, secrets, the API key. Mails and counters stay.
    func erase(_ account: AccountID) throws
    /// The next serial of the realm, used up.
    func nextSerial(realm: String) throws -> Int64

    func insert(_ session: Session) throws
    /// True for the one caller that ended it.
    func endSession(_ id: SessionID, at now: Instant) throws -> Bool
    /// Ends all living sessions of the account but one.
    func endSessions(of account: AccountID, except: SessionID?, at now: Instant) throws

    /// False, and nothing stored, when the account already has a token of this purpose with the same `issuedAt` second and the record
    /// asks to be `distinct`, or when the digest is known. Ended tokens count, too.
    func insert(_ token: TokenRecord) throws -> Bool
    /// Ends one token; a token that is not known is remembered as ended (and never as `distinct`). True for the one caller that ended it.
    func endToken(_ record: TokenRecord, at now: Instant) throws -> Bool
    /// Marks a refresh token as used; true for the one caller that did. Ended tokens cannot be used; whether the session lives is the
    /// caller's to ask.
    func useToken(_ digest: Digest, at now: Instant) throws -> Bool

    /// Replaces the account's living API key.
    func put(_ key: APIKeyRecord) throws

    /// Stores a secret; the living one of the same account and purpose is void from now on.
    func put(_ secret: Secret) throws
    /// True for the one caller that used it; void and used ones cannot be used. The expiry is the caller's to check.
    func use(_ secret: SecretID, at now: Instant) throws -> Bool
    /// Counts a wrong try; when `limit` is reached the secret is void. Returns the tries so far, which a used or void secret keeps; for a
    /// secret that is not there, `limit`.
    func countTry(_ secret: SecretID, limit: Int) throws -> Int
    func void(account: AccountID, purpose: SecretPurpose) throws

    /// Adds one to a bucket whose window starts at its first count, and gives the state after: a window that is over starts anew, and so
    /// does one that would start only after now (the clock was set back), which keeps its count.
    func count(_ bucket: String, window: Duration, at now: Instant) throws -> Counter
    /// Takes one back from a bucket while the window that began then is its window, and never below zero.
    func uncount(_ bucket: String, since start: Instant) throws
    func clear(_ bucket: String) throws

    func enqueue(_ entry: OutboxEntry) throws
    /// Takes the waiting mail that has been due the longest (then by `createdAt`), and makes it due again only at `until`, its attempts
    /// unchanged: of two workers only one gets it before. Nil when nothing is due.
    func claimOutbox(at now: Instant, until: Instant) throws -> OutboxEntry?
    /// Makes due at once what was never tried and is due only later but before `end`: claimed by a worker that died. Only for who knows that
    /// every worker whose claims end before that is dead.
    func releaseOutbox(at now: Instant, before end: Instant) throws
    /// Marks as sent and forgets the payload and the reason. Like the next two it counts one attempt and leaves a mail alone that is not
    /// waiting.
    func outboxSent(_ id: String, at now: Instant) throws
    func outboxPostpone(_ id: String, until: Instant, reason: String) throws
    /// Gives up: stays listed, the payload is forgotten.
    func outboxFail(_ id: String, at now: Instant, reason: String) throws

    /// Stores a key; false, and nothing stored, when its name has a key of this number already.
    func insert(_ key: SealedKey) throws -> Bool
    /// Ends the keys of this name below the number; one that ends sooner keeps its end.
    func endKeys(of name: SealedKey.Name, below number: Int64, at end: Instant) throws

    /// Takes away at most `limit` rows of each kind that cannot matter any more, and no sooner than `Retention` says; returns how many.
    ///
    /// These are: tokens past their end, sessions past theirs that have no token left, secrets and counters past their windows, mails sent
    /// or given up long ago, keys past their end.
    func prune(at now: Instant, limit: Int) throws -> Int
}
