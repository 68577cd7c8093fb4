import GRDB
import Glibc
import Identity

/// A store that nobody serves, opened by one who moves it.
final class HeldStore {
    /// What opening may do to it.
    enum Role {
        /// It is there, and nobody writes it until it is closed.
        case source
        /// It is made where it is missing, has to be empty or marked as the target of a move, and is marked now.
        case target(restarts: Bool)
        /// It is there, and stays as it is.
        case compared
    }

    let database: any SQLDatabase
    private let check: () throws -> Void
    private let letGo: () -> Void

    private init(_ database: any SQLDatabase, check: @escaping () throws -> Void = {}, letGo: @escaping () -> Void) {
        self.database = database
        self.check = check
        self.letGo = letGo
    }

    /// Throws `StoreError` in words for an operator, `.unavailable` when a server has it open as far as can be told: an SQLite file by its
    /// locks, a PostgreSQL database by the names of its sessions.
    static func open(_ address: StoreAddress, as role: Role, _ tables: [StoreTable], now: Instant) async throws -> HeldStore {
        switch address {
        case .sqlite(let path): try openSQLite(path, role, tables, now)
        case .postgres(let url): try await openPostgres(url, role, tables, now)
        }
    }

    /// Throws `StoreError.unavailable` when a source may have been written since it was opened.
    func checkHold() throws { try check() }

    func close() async {
        await database.close()
        letGo()
    }

    // MARK: Opening

    private static func openSQLite(_ path: String, _ role: Role, _ tables: [StoreTable], _ now: Instant) throws -> HeldStore {
        try StoredText.check(path)
        if access(path, F_OK) == 0 {
            let claim = try SQLiteClaim(path: path)
            claim.letGo()
        } else if !role.makes {
            throw StoreError.unavailable("there is no file of this name")
        }
        let database = try SQLiteDatabase(path: path, busyTimeout: .seconds(5)) { try prepare($0, role, tables, now) }
        guard case .source = role else { return HeldStore(database) { settle(path) } }
        let writer = try StoreError.translating {
            var configuration = Configuration()
            configuration.busyMode = .timeout(5)
            configuration.allowsUnsafeTransactions = true
            let writer = try DatabaseQueue(path: path, configuration: configuration)
            try writer.inDatabase { try $0.beginTransaction(.immediate) }
            return writer
        }
        return HeldStore(database) {
            try? writer.inDatabase { try $0.rollback() }
            try? writer.close()
            settle(path)
        }
    }

    /// Leaves one file without a log beside it, as whoever carries it elsewhere may carry it alone.
    private static func settle(_ path: String) {
        (try? SQLiteClaim(path: path))?.letGo()
    }

    private static func openPostgres(_ url: String, _ role: Role, _ tables: [StoreTable], _ now: Instant) async throws -> HeldStore {
        let session = try PostgresHold(try PostgresAddress(url))
        let database = try PostgresDatabase(url)
        do {
            try await database.migrate { try prepare($0, role, tables, now) }
            guard case .source = role else { return HeldStore(database) { session.letGo() } }
            try session.lock(tables)
            return HeldStore(database, check: session.check) { session.letGo() }
        } catch {
            await database.close()
            throw error
        }
    }

    /// Runs in the transaction that brings the schema up to date, so that there is no target without its mark.
    private static func prepare(_ connection: any SQLConnection, _ role: Role, _ tables: [StoreTable], _ now: Instant) throws {
        switch role {
        case .source: try Migration.apply(Migration.all, to: connection, at: now)
        case .compared: _ = try MoveMark.migrate(connection, at: now)
        case .target(let restarts):
            let isMarked = try MoveMark.migrate(connection, at: now)
            if isMarked {
                guard restarts else { return }
                for table in tables.reversed() { _ = try connection.execute("DELETE FROM \(table.name)", []) }
                return
            }
            for table in tables where try !connection.query("SELECT 1 FROM \(table.name) LIMIT 1", []).isEmpty {
                throw StoreError.unavailable("it is not empty: \(table.name) has rows; give the move a new one")
            }
            try MoveMark.set(on: connection, at: now)
        }
    }
}

extension HeldStore.Role {
    fileprivate var makes: Bool {
        if case .target = self { true } else { false }
    }
}
