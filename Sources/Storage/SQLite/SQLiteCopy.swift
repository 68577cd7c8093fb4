import GRDB
import Glibc
package import Identity

/// Copies of a store's file: taken while it is served, and put in its place.
package enum SQLiteCopy {
    package struct Report: Sendable, Hashable {
        /// How many rows each table of the copy has.
        package let rows: [StoreCount]
        package let bytes: Int64
        /// Where the store that was replaced is kept.
        package let kept: String?
    }

    /// Writes what the store holds at one moment to a file of its own (0600), checked and on the disk before it has its name.
    ///
    /// Neither waits for the store's writers nor holds them up. `sparing` are files that it never replaces, and folders in which it makes
    /// none. Throws `StoreError` in words for an operator.
    package static func make(of path: String, as file: String, replaces: Bool, sparing: [String] = []) throws -> Report {
        try exists(path, "there is no store yet")
        try StoredText.check(file)
        guard !SQLiteFile.isPart(file, ofStore: path) else {
            throw StoreError.unavailable("\(file) is the store itself or a file that belongs to it: give the copy a name of its own")
        }
        guard !sparing.contains(where: { SQLiteFile.areSame(file, $0) || SQLiteFile.lies(file, in: $0) }) else {
            throw StoreError.unavailable("\(file) is the server's own, like its keys: give the copy another name")
        }
        guard !hasLogs(file) else {
            throw StoreError.unavailable("\(file) is a database in use, or the log of one lies beside it: give the copy another name")
        }
        guard replaces || access(file, F_OK) != 0 else { throw taken }
        return try drafted(beside: file) { draft in
            try take(path, into: draft)
            let report = try check(draft)
            if replaces {
                try SQLiteFile.rename(draft, file)
            } else {
                guard link(draft, file) == 0 else { throw errno == EEXIST ? taken : SQLiteFile.failure("the copy cannot be named") }
            }
            try SQLiteFile.sync(folderOf: file)
            return report
        }
    }

    /// Puts a copy in the store's place; the store that was there is kept beside it, by the name `PATH.replaced-DATE`.
    ///
    /// The copy is checked before anything is touched, and the store's name leads to the old or to the new at every moment. Throws
    /// `StoreError`, in words for an operator, when the copy is not whole or a server has the store open.
    package static func restore(_ file: String, to path: String, now: Instant) throws -> Report {
        try exists(file, "the copy is not there")
        guard !SQLiteFile.isPart(file, ofStore: path) else {
            throw StoreError.unavailable("the copy is the store itself or a file that belongs to it: name a backup")
        }
        _ = try check(file)
        try SQLiteFile.makeFolder(of: path)
        return try drafted(beside: path) { draft in
            try take(file, into: draft)
            let report = try check(draft)
            guard access(path, F_OK) == 0 else {
                guard !hasLogs(path) else {
                    throw StoreError.unavailable("a log of a former store lies there (-wal or -journal): move it away")
                }
                guard link(draft, path) == 0 else { throw SQLiteFile.failure("the store cannot be named") }
                try SQLiteFile.sync(folderOf: path)
                return report
            }
            let claim = try SQLiteClaim(path: path)
            defer { claim.letGo() }
            let kept = path + ".replaced-" + now.iso8601.filter { $0 != "-" && $0 != ":" }
            guard link(path, kept) == 0 else { throw SQLiteFile.failure("the old store cannot be kept") }
            if claim.isUnreadable {
                for log in logs where access(path + log, F_OK) == 0 { try SQLiteFile.rename(path + log, kept + log) }
            }
            // SQLite would play them into the copy.
            guard !hasLogs(path) else { throw StoreError.unavailable("the old store's log is still in use") }
            try SQLiteFile.rename(draft, path)
            try SQLiteFile.sync(folderOf: path)
            return Report(rows: report.rows, bytes: report.bytes, kept: kept)
        }
    }

    /// Judges a file: whole, ours, and of no newer version.
    package static func check(_ file: String) throws -> Report {
        try reading(file) { database in
            guard try database.tableExists("migrations") else { throw StoreError.damaged("the copy is the database of another program") }
            let faults = try String.fetchAll(database, sql: "PRAGMA integrity_check(1)")
            guard faults == ["ok"], try Row.fetchOne(database, sql: "PRAGMA foreign_key_check") == nil else {
                throw StoreError.damaged("the copy is damaged")
            }
            let applied = try String.fetchAll(database, sql: "SELECT name FROM migrations ORDER BY place")
            try Migration.check(applied, against: Migration.all)
            let rows = try StoreTable.names(in: database).map { name in
                StoreCount(table: name, rows: try Int64.fetchOne(database, sql: "SELECT count(*) FROM \"\(name)\"") ?? 0)
            }
            var status = stat()
            guard stat(file, &status) == 0 else { throw SQLiteFile.failure("the copy cannot be read") }
            return Report(rows: rows, bytes: Int64(status.st_size), kept: nil)
        }
    }

    // MARK: Steps

    private static let taken = StoreError.unavailable("the copy's file is there already: --force replaces it")
    private static let logs = ["-wal", "-journal"]

    private static func hasLogs(_ path: String) -> Bool { logs.contains { access(path + $0, F_OK) == 0 } }

    private static func exists(_ path: String, _ words: String) throws {
        try StoredText.check(path)
        guard access(path, F_OK) == 0 else { throw StoreError.unavailable(words) }
    }

    /// Runs the body with the name of a new empty file (0600), which is taken away afterwards if it still has that name.
    private static func drafted(beside path: String, _ body: (String) throws -> Report) throws -> Report {
        let draft = "\(path).\(getpid()).new"
        unlink(draft)
        let descriptor = open(draft, O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw SQLiteFile.failure("the copy cannot be made") }
        close(descriptor)
        defer { for end in ["", "-journal", "-wal", "-shm"] { unlink(draft + end) } }
        return try body(draft)
    }

    /// One statement reads one snapshot; deleted rows and free pages do not come along.
    private static func take(_ path: String, into draft: String) throws {
        try reading(path) { try $0.execute(sql: "VACUUM INTO ?", arguments: [draft]) }
        try SQLiteFile.sync(draft)
    }

    private static func reading<Result>(_ file: String, _ body: (Database) throws -> Result) throws -> Result {
        try StoreError.translating {
            var configuration = Configuration()
            configuration.readonly = true
            configuration.busyMode = .timeout(5)
            let queue = try DatabaseQueue(path: file, configuration: configuration)
            defer { try? queue.close() }
            return try queue.inDatabase(body)
        }
    }
}
