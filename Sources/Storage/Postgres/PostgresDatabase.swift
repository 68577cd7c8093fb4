import Identity
import Synchronization

/// A PostgreSQL database: readers and writers on connections and threads of their own, so that locked rows hold up no question.
///
/// Writes are SERIALIZABLE: the contract speaks of one writer after the other, and its callers ask and then write. What would not be as
/// if serialised is run again by us, soon in a lane where only one tries at a time, so that a row that everybody wants is given in turn.
/// READ COMMITTED would be quicker on such rows, and each operation would have to be proved anew whenever it changes.
struct PostgresDatabase: SQLDatabase {
    private let address: PostgresAddress
    private let readers: PostgresPool
    private let writers: PostgresPool
    /// Of its own, so that many writes hold up no counts, and these no write.
    private let exchanger: PostgresPool
    private let lane = RetryLane()
    private let changes = Counting()

    /// Connects when it is asked something.
    ///
    /// Throws `StoreError.unavailable` when the text is no connection string.
    init(_ url: String, readers: Int = 4, writers: Int = 6) throws {
        address = try PostgresAddress(url)
        let probe = PostgresProbe(address)
        self.readers = PostgresPool(address, probe: probe, name: "reader", count: readers)
        self.writers = PostgresPool(address, probe: probe, name: "writer", count: writers)
        exchanger = PostgresPool(address, probe: probe, name: "counts", count: 1)
    }

    func read<Result: Sendable>(_ body: @escaping @Sendable (any SQLConnection) throws -> Result) async throws -> Result {
        try await perform(on: readers, PostgresTerms(.current)) { PostgresTransactions.read(on: $0, $1, body) }
    }

    func write<Result: Sendable>(_ body: @escaping @Sendable (any SQLConnection) throws -> Result) async throws -> Result {
        try await perform(on: writers, PostgresTerms(.current)) { [lane] in PostgresTransactions.write(on: $0, lane: lane, $1, body) }
    }

    func exchange<Result: Sendable>(_ body: @escaping @Sendable (any SQLConnection) throws -> Result) async throws -> Result {
        try await perform(on: exchanger, PostgresTerms(.request)) { PostgresTransactions.exchange(on: $0, $1, body) }
    }

    /// Brings the schema up to date in one transaction; of several instances one does it and the others wait.
    func migrate(
        lock: Int = PostgresTransactions.migrationLock, _ body: @escaping @Sendable (any SQLConnection) throws -> Void
    ) async throws {
        try await perform(on: writers, .migration) { PostgresTransactions.migrate(on: $0, lock: lock, $1, body) }
    }

    func ping() async throws {
        _ = try await read { try $0.query("SELECT count(*) FROM migrations", []) }
    }

    var isShared: Bool { true }

    func follow(uptime: @escaping @Sendable () -> Duration, _ tell: @escaping @Sendable (ChangeNews) -> Void) -> (any ChangeFeed)? {
        PostgresFeed(address, uptime: uptime, tell)
    }

    /// Nobody who has not followed knows.
    func foreignChanges() async throws -> Int64 {
        try await ping()
        return changes.next()
    }

    func close() async {
        await readers.close()
        await writers.close()
        await exchanger.close()
    }

    private func perform<Outcome: Sendable>(
        on pool: PostgresPool, _ terms: PostgresTerms,
        _ attempt: @escaping @Sendable (PostgresConnection, PostgresTerms) -> PostgresAttempt<Outcome>
    ) async throws -> Outcome {
        try await withCheckedThrowingContinuation { continuation in
            pool.submit(
                PostgresPool.Work(
                    terms: terms,
                    attempt: { connection, terms in
                        switch attempt(connection, terms) {
                        case .done(let result):
                            continuation.resume(with: result)
                            return .answered
                        case .lost(let reason): return .lost(reason)
                        }
                    }, refuse: { continuation.resume(throwing: $0) }))
        }
    }

    private final class Counting: Sendable {
        private let number = Atomic<Int64>(0)

        func next() -> Int64 { number.wrappingAdd(1, ordering: .relaxed).newValue }
    }
}
