import GRDB
import Identity

/// A table of the store as the migrations make it, so that what copies or counts tables forgets none.
package struct StoreTable: Sendable, Hashable {
    package let name: String
    /// In the order of the newest schema.
    package let columns: [String]
    /// The columns of the primary key.
    package let key: [String]

    /// All tables but that of the migrations themselves, and those by which instances tell each other what just changed or was counted.
    ///
    /// The latter are of the moment, and of one server's transactions. What a table refers to stands before it.
    package static func all(of migrations: [Migration] = Migration.all) throws -> [StoreTable] {
        try StoreError.translating {
            let example = try DatabaseQueue()
            return try example.write { database in
                for statement in migrations.flatMap(\.statements) { try database.execute(sql: statement) }
                return try names(in: database).map { name in
                    let rows = try Row.fetchAll(database, sql: "SELECT name, pk FROM pragma_table_info(?) ORDER BY cid", arguments: [name])
                    let columns = rows.map { (name: $0["name"] as String, place: $0["pk"] as Int) }
                    let key = columns.filter { $0.place > 0 }.sorted { $0.place < $1.place }.map(\.name)
                    guard !key.isEmpty else { throw StoreError.damaged("the table \(name) has no primary key") }
                    return StoreTable(name: name, columns: columns.map(\.name), key: key)
                }
            }
        }
    }

    /// The names of our tables in a database, oldest first.
    static func names(in database: Database) throws -> [String] {
        try String.fetchAll(
            database,
            sql: """
                SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT IN ('migrations', 'changes', 'request_counts')
                AND substr(name, 1, 7) <> 'sqlite_'
                ORDER BY rowid
                """)
    }
}
