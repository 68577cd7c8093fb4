import Synchronization

/// The reference implementation of the store's contract: everything in memory, gone with the process.
///
/// One lock serialises readers and writers; bodies are quick, so nobody waits long.
package final class MemoryStore: IdentityStore {
    private let tables = Mutex<MemoryTables?>(MemoryTables())

    package init() {}

    package func read<Result: Sendable>(_ body: @escaping @Sendable (any StoreReading) throws -> Result) async throws -> Result {
        try tables.withLock { tables in
            guard let tables else { throw Self.closed }
            return try body(tables)
        }
    }

    package func write<Result: Sendable>(_ body: @escaping @Sendable (any StoreWriting) throws -> Result) async throws -> Result {
        try tables.withLock { tables in
            guard let tables else { throw Self.closed }
            do {
                let result = try body(tables)
                tables.commit()
                return result
            } catch {
                tables.rollback()
                throw error
            }
        }
    }

    package func ping() async throws {
        try tables.withLock { tables in
            guard tables != nil else { throw Self.closed }
        }
    }

    package func close() async {
        tables.withLock { $0 = nil }
    }

    private static let closed = StoreError.unavailable("closed")
}
