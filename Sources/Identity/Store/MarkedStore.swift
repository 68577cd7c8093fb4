/// A store that moves a mark when a write has been committed and before it is answered, so nobody who has been answered meets a memory of
/// what was before.
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
        // Also after a throw: whether a commit whose answer was lost took place is not known.
        defer { mark.move() }
        return try await inner.write(body)
    }

    package func ping() async throws { try await inner.ping() }

    package func close() async { await inner.close() }
}
