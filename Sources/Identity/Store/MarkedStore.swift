import Synchronization

/// A store that marks which accounts a write has changed when it has been committed and before it is answered, so nobody who has been
/// answered meets a memory of what was before.
package struct MarkedStore: IdentityStore {
    private let inner: any IdentityStore
    private let mark: ChangeMark

    package init(_ inner: any IdentityStore, mark: ChangeMark) {
        self.inner = inner
        self.mark = mark
    }

    package func read<Result: Sendable>(_ body: @escaping @Sendable (any StoreReading) throws -> Result) async throws -> Result {
        try await inner.read(body)
    }

    package func write<Result: Sendable>(_ body: @escaping @Sendable (any StoreWriting) throws -> Result) async throws -> Result {
        let changes = AccountChanges()
        // Also after a throw: whether a commit whose answer was lost took place is not known.
        defer { mark.move(changes.accounts) }
        return try await inner.write { store in try body(NotingWriter(inner: store, changes: changes)) }
    }

    package func ping() async throws { try await inner.ping() }

    package func close() async { await inner.close() }
}

/// The accounts that one write touches, in all of its attempts.
final class AccountChanges: Sendable {
    private let noted = Mutex<Set<AccountID>>([])

    var accounts: Set<AccountID> { noted.withLock(\.self) }

    func note(_ account: AccountID) { _ = noted.withLock { $0.insert(account) } }
}
