import GRDB
import Glibc
import Identity

/// A store's file in our hands alone, until it is let go.
final class SQLiteClaim {
    private let queue: DatabaseQueue?
    private let descriptor: CInt

    /// Merges what its write-ahead log holds into the file and locks it, so that nobody can read or write it.
    ///
    /// Throws `StoreError.unavailable` when a server, or anybody else, has it open.
    init(path: String) throws {
        do {
            queue = try StoreError.translating { try Self.lock(path) }
            descriptor = -1
        } catch StoreError.damaged {
            // SQLite cannot read it, so its lock is taken as SQLite would take it.
            queue = nil
            descriptor = try Self.lockBytes(path)
        }
    }

    /// Whether the file is no database that SQLite can read; its write-ahead log, if any, still lies beside it.
    var isUnreadable: Bool { queue == nil }

    func letGo() {
        if descriptor >= 0 { close(descriptor) }
        try? queue?.inDatabase { if $0.isInsideTransaction { try $0.rollback() } }
        try? queue?.close()
    }

    private static let open = StoreError.unavailable("a server or another program has it open: stop it first")

    private static func lock(_ path: String) throws -> DatabaseQueue {
        var configuration = Configuration()
        configuration.busyMode = .timeout(1)
        configuration.allowsUnsafeTransactions = true
        do {
            let queue = try DatabaseQueue(path: path, configuration: configuration)
            try queue.inDatabase { database in
                // Who has it open in WAL mode holds a lock that leaving the mode has to wait for.
                guard try String.fetchOne(database, sql: "PRAGMA journal_mode = DELETE") == "delete" else { throw Self.open }
                try database.beginTransaction(.exclusive)
            }
            return queue
        } catch let error as DatabaseError where error.resultCode == .SQLITE_BUSY {
            throw Self.open
        }
    }

    /// `F_OFD_SETLK` of Linux: a lock that other closed files of this process do not take away.
    private static let lockOfDescription: CInt = 37

    private static func lockBytes(_ path: String) throws -> CInt {
        let descriptor = Glibc.open(path, O_RDWR | O_CLOEXEC)
        guard descriptor >= 0 else { throw StoreError.unavailable("its file cannot be opened") }
        var bytes = flock()
        bytes.l_type = Int16(F_WRLCK)
        bytes.l_whence = Int16(SEEK_SET)
        // SQLite's PENDING_BYTE and the locks behind it.
        bytes.l_start = 0x4000_0000
        bytes.l_len = 512
        guard fcntl(descriptor, lockOfDescription, &bytes) == 0 else {
            close(descriptor)
            throw Self.open
        }
        return descriptor
    }
}
