package import Identity
import Synchronization

/// A store in which something else happens just before one of the next writes, as if another request had come between.
package final class MeddledStore: IdentityStore {
    private typealias Deed = @Sendable (any StoreWriting) throws -> Void

    private let inner: any IdentityStore
    private let planned = Mutex<(after: Int, deed: Deed)?>(nil)

    package init(_ inner: any IdentityStore = MemoryStore()) { self.inner = inner }

    /// Plans the deed for the moment after as many further writes.
    package func meddle(after writes: Int = 0, _ deed: @escaping @Sendable (any StoreWriting) throws -> Void) {
        planned.withLock { $0 = (writes, deed) }
    }

    package func read<Result: Sendable>(_ body: @escaping @Sendable (any StoreReading) throws -> Result) async throws -> Result {
        try await inner.read(body)
    }

    package func write<Result: Sendable>(_ body: @escaping @Sendable (any StoreWriting) throws -> Result) async throws -> Result {
        let due = planned.withLock { planned -> Deed? in
            guard let (after, deed) = planned else { return nil }
            planned = after == 0 ? nil : (after - 1, deed)
            return after == 0 ? deed : nil
        }
        if let due { try await inner.write(due) }
        return try await inner.write(body)
    }

    package func ping() async throws { try await inner.ping() }

    package func close() async { await inner.close() }
}
