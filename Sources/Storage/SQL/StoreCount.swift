/// How many rows a table has.
package struct StoreCount: Sendable, Hashable {
    package let table: String
    package let rows: Int64

    package init(table: String, rows: Int64) {
        self.table = table
        self.rows = rows
    }
}
