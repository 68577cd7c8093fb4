import GRDB
import Identity

extension StoreError {
    /// Runs the body and turns what SQLite throws into our words: codes, never the message, which may hold values, nor the path.
    static func translating<Result>(_ body: () throws -> Result) throws -> Result {
        do {
            return try body()
        } catch let error as DatabaseError {
            throw StoreError(error)
        }
    }

    init(_ error: DatabaseError) {
        let code = error.extendedResultCode
        switch error.resultCode {
        case .SQLITE_BUSY, .SQLITE_LOCKED, .SQLITE_PROTOCOL: self = .unavailable("the store is locked by another process")
        case .SQLITE_FULL: self = .unavailable("the disk is full")
        case .SQLITE_IOERR: self = .unavailable("the disk failed (SQLite \(code.rawValue))")
        case .SQLITE_CANTOPEN: self = .unavailable("the store's file cannot be opened")
        case .SQLITE_READONLY, .SQLITE_PERM: self = .unavailable("the store's file may not be written")
        case .SQLITE_NOMEM: self = .unavailable("no memory is left")
        case .SQLITE_MISUSE, .SQLITE_INTERRUPT, .SQLITE_ABORT: self = .unavailable("closed")
        case .SQLITE_NOTADB: self = .damaged("the store's file is not an SQLite database")
        case .SQLITE_CORRUPT: self = .damaged("the store's file is damaged")
        case .SQLITE_CONSTRAINT where code == .SQLITE_CONSTRAINT_FOREIGNKEY:
            self = .damaged("the account or session of a row is not there")
        case .SQLITE_CONSTRAINT: self = .damaged("a row that the schema refuses (SQLite \(code.rawValue))")
        default: self = .damaged("SQLite \(code.rawValue)")
        }
    }
}
