/// A relational database below `SQLStore`: SQLite now, PostgreSQL by the same words.
package protocol SQLDatabase: Sendable {
    /// Runs the body on one consistent snapshot.
    func read<Result: Sendable>(_ body: @escaping @Sendable (any SQLConnection) throws -> Result) async throws -> Result
    /// Runs the body in a transaction of its own and returns when the commit is durable; what the body throws undoes its statements.
    func write<Result: Sendable>(_ body: @escaping @Sendable (any SQLConnection) throws -> Result) async throws -> Result
    /// Runs the body once, beside all other writes, in a transaction that sees what others have just committed; for what may get lost.
    func exchange<Result: Sendable>(_ body: @escaping @Sendable (any SQLConnection) throws -> Result) async throws -> Result
    func ping() async throws
    /// Whether other processes serve requests from it, too, and have to be told what changes.
    var isShared: Bool { get }
    /// Tells what others change from now on; nil where `foreignChanges` is to be asked.
    func follow(uptime: @escaping @Sendable () -> Duration, _ tell: @escaping @Sendable (ChangeNews) -> Void) -> (any ChangeFeed)?
    /// A number that differs from the last one when somebody outside this process may have committed since; our own writes leave it alone.
    func foreignChanges() async throws -> Int64
    func close() async
}

/// One connection within one transaction; statements are prepared once and kept.
///
/// SQL is written in the subset that SQLite and PostgreSQL share, with numbered parameters `?1`, `?2` (each backend spells them its own
/// way), and holds no `?` elsewhere. Errors are `StoreError`s and never hold a value.
package protocol SQLConnection {
    /// All rows that a `SELECT` or a `RETURNING` gives.
    func query(_ sql: String, _ values: [SQLValue]) throws -> [SQLRow]
    /// How many rows were written, those that cascades took not counted.
    func execute(_ sql: String, _ values: [SQLValue]) throws -> Int
}
