import GRDB
import Glibc
import Identity

/// An SQLite file in WAL mode: one writer that groups transactions, several readers beside it.
///
/// `synchronous` is FULL: what was answered survives a power cut.
struct SQLiteDatabase: SQLDatabase {
    private static let readers = 4
    private let pool: DatabasePool
    private let writer: SQLiteWriter
    private let threads: ReaderThreads

    /// Opens or creates the file and runs `prepare` in one write transaction, alone on the file.
    ///
    /// A write waits as long as `busyTimeout` for another process to let go of the write lock.
    init(path: String, busyTimeout: Duration, prepare: (any SQLConnection) throws -> Void) throws {
        try StoredText.check(path)
        try SQLiteFile.prepare(path: path)
        pool = try StoreError.translating {
            let pool = try Self.open(path, busyTimeout: busyTimeout)
            try pool.writeWithoutTransaction { database in
                // Only here: GRDB itself sets NORMAL when it turns WAL on, after `prepareDatabase`.
                try database.execute(sql: "PRAGMA synchronous = FULL")
                try database.inTransaction(.immediate) {
                    try Self.refuseStranger(database)
                    try prepare(SQLiteConnection(database: database))
                    return .commit
                }
            }
            return pool
        }
        writer = SQLiteWriter(pool: pool)
        threads = ReaderThreads(count: Self.readers)
    }

    func read<Result: Sendable>(_ body: @escaping @Sendable (any SQLConnection) throws -> Result) async throws -> Result {
        try await withCheckedThrowingContinuation { continuation in
            let isOpen = threads.submit { [pool] in
                continuation.resume(
                    with: Swift.Result {
                        try StoreError.translating { try pool.read { try body(SQLiteConnection(database: $0)) } }
                    })
            }
            if !isOpen { continuation.resume(throwing: StoreError.unavailable("closed")) }
        }
    }

    func write<Result: Sendable>(_ body: @escaping @Sendable (any SQLConnection) throws -> Result) async throws -> Result {
        try await writer.write(body)
    }

    /// Nobody is beside it.
    func exchange<Result: Sendable>(_ body: @escaping @Sendable (any SQLConnection) throws -> Result) async throws -> Result {
        try await writer.write(body)
    }

    /// How many transactions wait for the group under way.
    var waiting: Int { writer.waiting }

    /// Other processes are an operator's commands, and `foreignChanges` tells of those.
    var isShared: Bool { false }

    func follow(uptime: @escaping @Sendable () -> Duration, _ tell: @escaping @Sendable (ChangeNews) -> Void) -> (any ChangeFeed)? { nil }

    func ping() async throws {
        _ = try await read { try $0.query("SELECT count(*) FROM migrations", []) }
    }

    /// Asked on the writer's connection, which sees all commits but its own.
    func foreignChanges() async throws -> Int64 {
        try await withCheckedThrowingContinuation { continuation in
            pool.asyncWriteWithoutTransaction { database in
                continuation.resume(
                    with: Swift.Result {
                        try StoreError.translating { try Int64.fetchOne(database, sql: "PRAGMA data_version") ?? 0 }
                    })
            }
        }
    }

    func close() async {
        await writer.close()
        threads.close()
        try? pool.close()
    }

    private static func open(_ path: String, busyTimeout: Duration) throws -> DatabasePool {
        var configuration = Configuration()
        configuration.label = "store"
        let wait = SQLiteBusyWait(limit: busyTimeout)
        configuration.busyMode = .callback { wait.goesOn(after: $0) }
        configuration.maximumReaderCount = readers
        // Our writer looks after its transactions; a failed rollback must not stop the process.
        configuration.allowsUnsafeTransactions = true
        configuration.prepareDatabase { database in
            try database.execute(sql: "PRAGMA journal_size_limit = 16777216")
        }
        // Two processes that turn WAL on at once meet a busy file, whatever the timeout.
        for _ in 0..<50 {
            do {
                return try DatabasePool(path: path, configuration: configuration)
            } catch let error as DatabaseError where error.resultCode == .SQLITE_BUSY {
                usleep(100_000)
            }
        }
        return try DatabasePool(path: path, configuration: configuration)
    }

    private static func refuseStranger(_ database: Database) throws {
        let tables = try String.fetchAll(database, sql: "SELECT name FROM sqlite_master WHERE type = 'table'")
        guard tables.isEmpty || tables.contains("migrations") else {
            throw StoreError.damaged("the file is the database of another program")
        }
    }
}
