import Identity

/// A table read and written by pages in the order of its primary key.
struct TablePages: Sendable {
    let table: StoreTable
    /// As many rows as one statement of either database can take.
    let size: Int
    private let listed: String
    private let insertion: String
    private let keyPlaces: [Int]

    /// How many parameters a statement may have: SQLite takes 32766, PostgreSQL 65535.
    private static let mostValues = 30_000

    init(_ table: StoreTable, most: Int) {
        self.table = table
        size = max(1, min(most, Self.mostValues / table.columns.count))
        listed = table.columns.joined(separator: ", ")
        keyPlaces = table.key.compactMap { table.columns.firstIndex(of: $0) }
        insertion = Self.insertion(table, listed, rows: size)
    }

    func key(of row: SQLRow) -> [SQLValue] { keyPlaces.map { row.values[$0] } }

    /// The page behind a key, or the first.
    func read(from database: any SQLDatabase, after key: [SQLValue]?) async throws -> [SQLRow] {
        let order = table.key.joined(separator: ", ")
        let condition = key.map { key in "WHERE (\(order)) > (\(Self.places(1...key.count)))" } ?? ""
        let sql = "SELECT \(listed) FROM \(table.name) \(condition) ORDER BY \(order) LIMIT \(size)"
        return try await database.read { try $0.query(sql, key ?? []) }
    }

    /// The key of the last row.
    func lastKey(in database: any SQLDatabase) async throws -> [SQLValue]? {
        let order = table.key.map { "\($0) DESC" }.joined(separator: ", ")
        let sql = "SELECT \(table.key.joined(separator: ", ")) FROM \(table.name) ORDER BY \(order) LIMIT 1"
        return try await database.read { try $0.query(sql, []).first?.values }
    }

    /// Adds a page in one transaction.
    func write(_ rows: [SQLRow], to database: any SQLDatabase) async throws {
        let sql = rows.count == size ? insertion : Self.insertion(table, listed, rows: rows.count)
        let values = rows.flatMap(\.values)
        _ = try await database.write { try $0.execute(sql, values) }
    }

    func count(in database: any SQLDatabase) async throws -> Int64 {
        let sql = "SELECT count(*) FROM \(table.name)"
        return try await database.read { connection in
            guard var row = try connection.query(sql, []).first else { return 0 }
            return try row.integer()
        }
    }

    private static func insertion(_ table: StoreTable, _ listed: String, rows: Int) -> String {
        let width = table.columns.count
        let tuples = (0..<rows).map { "(\(places(($0 * width + 1)...(($0 + 1) * width))))" }
        return "INSERT INTO \(table.name) (\(listed)) VALUES \(tuples.joined(separator: ", "))"
    }

    private static func places(_ numbers: ClosedRange<Int>) -> String { numbers.map { "?\($0)" }.joined(separator: ", ") }
}
