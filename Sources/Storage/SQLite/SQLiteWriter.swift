import GRDB
import Identity
import Synchronization

/// The one writer: what waits while a commit reaches the disk goes into the next commit together.
///
/// Each transaction of a group has a savepoint of its own, so what one throws undoes only its own; all are answered after the commit.
final class SQLiteWriter: Sendable {
    /// A transaction that was run, and how to answer its caller: with what the body gave, or with the store's failure.
    struct Attempt: Sendable {
        let isKept: Bool
        let answer: @Sendable (StoreError?) -> Void
    }

    struct Work: Sendable {
        let attempt: @Sendable (SQLiteConnection) -> Attempt
        let refuse: @Sendable (StoreError) -> Void
    }

    private struct Line {
        var waiting: [Work] = []
        var isRunning = false
        var isClosed = false
    }

    private static let largestGroup = 256
    private let pool: DatabasePool
    private let line = Mutex(Line())

    init(pool: DatabasePool) { self.pool = pool }

    func write<Result: Sendable>(_ body: @escaping @Sendable (any SQLConnection) throws -> Result) async throws -> Result {
        try await withCheckedThrowingContinuation { continuation in
            submit(
                Work(
                    attempt: { connection in
                        let result = Swift.Result { try body(connection) }
                        let isKept = if case .success = result { true } else { false }
                        return Attempt(isKept: isKept) { failure in
                            if case .failure(StoreError.unavailable) = result { return continuation.resume(with: result) }
                            guard let failure else { return continuation.resume(with: result) }
                            continuation.resume(throwing: failure)
                        }
                    },
                    refuse: { continuation.resume(throwing: $0) }))
        }
    }

    /// How many transactions wait for the group under way.
    var waiting: Int { line.withLock(\.waiting.count) }

    /// Refuses what comes from now on and returns when all that came before is answered.
    func close() async {
        line.withLock { $0.isClosed = true }
        while line.withLock({ $0.isRunning }) {
            await withCheckedContinuation { continuation in
                pool.asyncWriteWithoutTransaction { _ in continuation.resume() }
            }
        }
    }

    private func submit(_ work: Work) {
        let (isClosed, starts) = line.withLock { line in
            guard !line.isClosed else { return (true, false) }
            line.waiting.append(work)
            defer { line.isRunning = true }
            return (false, !line.isRunning)
        }
        if isClosed { work.refuse(.unavailable("closed")) }
        if starts { schedule() }
    }

    private func schedule() {
        // One group at a time, so that others who want the connection come between.
        pool.asyncWriteWithoutTransaction { [self] database in
            let group = line.withLock { line in
                let group = Array(line.waiting.prefix(Self.largestGroup))
                line.waiting.removeFirst(group.count)
                return group
            }
            for answer in Self.run(group, on: database) { answer() }
            let goesOn = line.withLock { line in
                line.isRunning = !line.waiting.isEmpty
                return line.isRunning
            }
            if goesOn { schedule() }
        }
    }

    /// Commits the group and gives the answers that are now true.
    private static func run(_ group: [Work], on database: Database) -> [() -> Void] {
        var attempts: [Attempt] = []
        do {
            try StoreError.translating {
                // Left over only when a rollback failed; without this nothing would ever be written again.
                if database.isInsideTransaction { try database.rollback() }
                try database.beginTransaction(.immediate)
                for work in group {
                    if group.count > 1 { try database.cachedStatement(sql: "SAVEPOINT one").execute() }
                    let attempt = work.attempt(SQLiteConnection(database: database))
                    attempts.append(attempt)
                    // A full disk makes SQLite itself undo all that the group did so far.
                    guard database.isInsideTransaction else { throw StoreError.unavailable("the disk is full or failed") }
                    guard group.count > 1 else { continue }
                    if !attempt.isKept { try database.cachedStatement(sql: "ROLLBACK TO one").execute() }
                    try database.cachedStatement(sql: "RELEASE one").execute()
                }
                if attempts.contains(where: \.isKept) { try database.commit() } else { try database.rollback() }
            }
            return attempts.map { attempt in { attempt.answer(nil) } }
        } catch {
            try? database.rollback()
            let failure = error as? StoreError ?? .unavailable("the transaction failed")
            // Nobody's own finding counts either: it may rest on what a sibling wrote and has lost.
            return attempts.map { attempt in { attempt.answer(failure) } }
                + group.dropFirst(attempts.count).map { work in { work.refuse(failure) } }
        }
    }
}
