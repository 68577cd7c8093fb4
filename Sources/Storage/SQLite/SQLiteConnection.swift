import Foundation
import GRDB
import Identity

/// Statements on a GRDB connection, prepared once per connection.
struct SQLiteConnection: SQLConnection {
    let database: Database

    func query(_ sql: String, _ values: [SQLValue]) throws -> [SQLRow] {
        try StoreError.translating {
            let rows = try Row.fetchCursor(try statement(sql, values))
            var found: [SQLRow] = []
            // To the end always: a statement with RETURNING writes until it is.
            while let row = try rows.next() {
                found.append(SQLRow(row.databaseValues.map(SQLValue.init)))
            }
            return found
        }
    }

    func execute(_ sql: String, _ values: [SQLValue]) throws -> Int {
        try StoreError.translating {
            try statement(sql, values).execute()
            return database.changesCount
        }
    }

    private func statement(_ sql: String, _ values: [SQLValue]) throws -> Statement {
        let statement = try database.cachedStatement(sql: sql)
        statement.setUncheckedArguments(StatementArguments(values.map(\.databaseValue)))
        return statement
    }
}

extension SQLValue {
    fileprivate init(_ value: DatabaseValue) {
        switch value.storage {
        case .null: self = .null
        case .int64(let integer): self = .integer(integer)
        case .string(let text): self = .text(text)
        case .blob(let bytes): self = .blob(Array(bytes))
        // We write none; whoever reads it as something else says that the row is damaged.
        case .double(let number): self = .text(String(number))
        }
    }

    fileprivate var databaseValue: DatabaseValue {
        switch self {
        case .null: .null
        case .integer(let integer): integer.databaseValue
        case .text(let text): text.databaseValue
        case .blob(let bytes): Data(bytes).databaseValue
        }
    }
}
