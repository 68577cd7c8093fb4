import Synchronization

/// A store that marks which accounts a write has changed when it has been committed and before it is answered, so nobody who has been
/// answered meets a memory of what was before; and that says when a mail waits to be sent.
package struct MarkedStore: IdentityStore {
    private let inner: any IdentityStore
    private let mark: ChangeMark
    private let known: KnownTokens
    private let mailWaits: @Sendable () -> Void

    /// `mailWaits` is called after each commit that has queued a mail, and returns at once.
    package init(
        _ inner: any IdentityStore, mark: ChangeMark, known: KnownTokens = KnownTokens(), mailWaits: @escaping @Sendable () -> Void = {}
    ) {
        self.inner = inner
        self.mark = mark
        self.known = known
        self.mailWaits = mailWaits
    }

    package func read<Result: Sendable>(_ body: @escaping @Sendable (any StoreReading) throws -> Result) async throws -> Result {
        try await inner.read(body)
    }

    package func write<Result: Sendable>(_ body: @escaping @Sendable (any StoreWriting) throws -> Result) async throws -> Result {
        let changes = WriteChanges()
        // Also after a throw: whether a commit whose answer was lost took place is not known.
        defer {
            known.note(changes.tokens)
            mark.move(changes.accounts)
            if changes.hasMail { mailWaits() }
        }
        return try await inner.write { store in try body(NotingWriter(inner: store, changes: changes)) }
    }

    package func ping() async throws { try await inner.ping() }

    package func close() async { await inner.close() }
}

/// What one write touches, in all of its attempts.
package final class WriteChanges: Sendable {
    private let noted = Mutex<(accounts: Set<AccountID>, tokens: [Digest], hasMail: Bool)>(([], [], false))

    package init() {}

    package var accounts: Set<AccountID> { noted.withLock(\.accounts) }
    /// Those that have a record now, or may have.
    var tokens: [Digest] { noted.withLock(\.tokens) }
    var hasMail: Bool { noted.withLock(\.hasMail) }

    func note(_ account: AccountID) { _ = noted.withLock { $0.accounts.insert(account) } }
    func note(_ token: Digest) { noted.withLock { $0.tokens.append(token) } }
    func noteMail() { noted.withLock { $0.hasMail = true } }
}
