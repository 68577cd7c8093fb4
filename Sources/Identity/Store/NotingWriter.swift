/// A transaction that notes whose standing it changes: what an account is, and which of its sessions, tokens and keys count.
///
/// New accounts, sessions and tokens change nobody's: nobody remembers what was not there. Queued mails are noted too.
package struct NotingWriter: StoreWriting {
    private let inner: any StoreWriting
    private let changes: WriteChanges

    package init(inner: any StoreWriting, changes: WriteChanges) {
        self.inner = inner
        self.changes = changes
    }

    package func update(_ account: Account) throws -> Account {
        changes.note(account.id)
        return try inner.update(account)
    }

    package func erase(_ account: AccountID) throws {
        changes.note(account)
        try inner.erase(account)
    }

    package func endSession(_ id: SessionID, at now: Instant) throws -> Bool {
        if let session = try inner.session(id: id) { changes.note(session.account) }
        return try inner.endSession(id, at: now)
    }

    package func endSessions(of account: AccountID, except: SessionID?, at now: Instant) throws {
        changes.note(account)
        try inner.endSessions(of: account, except: except, at: now)
    }

    package func endToken(_ record: TokenRecord, at now: Instant) throws -> Bool {
        changes.note(record.account)
        changes.note(record.digest)
        return try inner.endToken(record, at: now)
    }

    package func insert(_ token: TokenRecord) throws -> Bool {
        changes.note(token.digest)
        return try inner.insert(token)
    }

    package func put(_ key: APIKeyRecord) throws {
        changes.note(key.account)
        try inner.put(key)
    }

    package func enqueue(_ entry: OutboxEntry) throws {
        changes.noteMail()
        try inner.enqueue(entry)
    }

    // MARK: What changes nobody's standing

    package func insert(_ account: Account) throws -> Account { try inner.insert(account) }
    package func nextSerial(realm: String) throws -> Int64 { try inner.nextSerial(realm: realm) }
    package func insert(_ session: Session) throws { try inner.insert(session) }
    package func useToken(_ digest: Digest, at now: Instant) throws -> Bool { try inner.useToken(digest, at: now) }
    package func put(_ secret: Secret) throws { try inner.put(secret) }
    package func use(_ secret: SecretID, at now: Instant) throws -> Bool { try inner.use(secret, at: now) }
    package func countTry(_ secret: SecretID, limit: Int) throws -> Int { try inner.countTry(secret, limit: limit) }
    package func void(account: AccountID, purpose: SecretPurpose) throws { try inner.void(account: account, purpose: purpose) }
    package func count(_ bucket: String, window: Duration, at now: Instant) throws -> Counter {
        try inner.count(bucket, window: window, at: now)
    }
    package func uncount(_ bucket: String, since start: Instant) throws { try inner.uncount(bucket, since: start) }
    package func clear(_ bucket: String) throws { try inner.clear(bucket) }
    package func claimOutbox(at now: Instant, until: Instant) throws -> OutboxEntry? { try inner.claimOutbox(at: now, until: until) }
    package func releaseOutbox(at now: Instant, before end: Instant) throws { try inner.releaseOutbox(at: now, before: end) }
    package func outboxSent(_ id: String, at now: Instant) throws { try inner.outboxSent(id, at: now) }
    package func outboxPostpone(_ id: String, until: Instant, reason: String) throws {
        try inner.outboxPostpone(id, until: until, reason: reason)
    }
    package func outboxFail(_ id: String, at now: Instant, reason: String) throws { try inner.outboxFail(id, at: now, reason: reason) }
    package func insert(_ key: SealedKey) throws -> Bool { try inner.insert(key) }
    package func endKeys(of name: SealedKey.Name, below number: Int64, at end: Instant) throws {
        try inner.endKeys(of: name, below: number, at: end)
    }
    package func prune(at now: Instant, limit: Int) throws -> Int { try inner.prune(at: now, limit: limit) }

    // MARK: Reading

    package func account(id: AccountID, realm: String) throws -> Account? { try inner.account(id: id, realm: realm) }
    package func account(serial: Int64, realm: String) throws -> Account? { try inner.account(serial: serial, realm: realm) }
    package func account(_ kind: IdentifierKind, key: IdentifierKey, realm: String) throws -> Account? {
        try inner.account(kind, key: key, realm: realm)
    }
    package func accounts(pendingEmail: IdentifierKey, realm: String) throws -> [Account] {
        try inner.accounts(pendingEmail: pendingEmail, realm: realm)
    }
    package func accounts(realm: String, after: Int64, limit: Int, search: String?) throws -> [Account] {
        try inner.accounts(realm: realm, after: after, limit: limit, search: search)
    }
    package func accountCount(realm: String) throws -> Int64 { try inner.accountCount(realm: realm) }
    package func session(id: SessionID) throws -> Session? { try inner.session(id: id) }
    package func token(digest: Digest) throws -> TokenRecord? { try inner.token(digest: digest) }
    package func tokenDigests(after: Digest?, limit: Int) throws -> [Digest] { try inner.tokenDigests(after: after, limit: limit) }
    package func apiKey(digest: Digest) throws -> APIKeyRecord? { try inner.apiKey(digest: digest) }
    package func secret(account: AccountID, purpose: SecretPurpose) throws -> Secret? {
        try inner.secret(account: account, purpose: purpose)
    }
    package func secret(digest: Digest, purpose: SecretPurpose) throws -> Secret? { try inner.secret(digest: digest, purpose: purpose) }
    package func counter(_ bucket: String) throws -> Counter? { try inner.counter(bucket) }
    package func outboxCount(_ state: OutboxEntry.State) throws -> Int64 { try inner.outboxCount(state) }
    package func outbox(state: OutboxEntry.State?, limit: Int) throws -> [OutboxEntry] { try inner.outbox(state: state, limit: limit) }
    package func sealedKeys() throws -> [SealedKey] { try inner.sealedKeys() }
}
