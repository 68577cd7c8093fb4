import Identity

/// A session of its own that finds out whether others of ours use a database, and keeps writers away from it.
final class PostgresHold {
    private let connection: PostgresConnection
    private static let patience: Duration = .seconds(5)

    /// Throws `StoreError.unavailable` when another Dragoman has a session in the database.
    init(_ address: PostgresAddress) throws {
        do {
            connection = try PostgresConnection.open(address)
        } catch {
            throw StoreError(error)
        }
        // Sessions that were closed just now are seen for a moment longer.
        var looks = 0
        while try isShared() {
            looks += 1
            guard looks < 20 else { throw StoreError.unavailable("a server has it open: stop it first") }
        }
    }

    /// Until it is let go, the tables may be read and not written.
    func lock(_ tables: [StoreTable]) throws {
        connection.begin("BEGIN", PostgresTerms(deadline: .now + Self.patience))
        _ = try connection.query(
            """
            SELECT set_config('idle_in_transaction_session_timeout', '0', true), set_config('statement_timeout', '4s', true),
            set_config('lock_timeout', '3s', true)
            """, [])
        _ = try connection.execute("LOCK TABLE \(tables.map(\.name).joined(separator: ", ")) IN SHARE MODE", [])
    }

    /// Throws `StoreError.unavailable` when the lock went with its session, and somebody may have written since.
    func check() throws {
        connection.continues(PostgresTerms(deadline: .now + Self.patience))
        _ = try connection.query("SELECT 1", [])
    }

    func letGo() { connection.leave() }

    /// Asked in a transaction of its own each time, as what the server shows of sessions stays the same within one.
    private func isShared() throws -> Bool {
        connection.begin("BEGIN", PostgresTerms(deadline: .now + Self.patience))
        defer { connection.leave() }
        let others = try connection.query(
            """
            SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'dragoman'
            AND pid <> pg_backend_pid() LIMIT 1
            """, [])
        if !others.isEmpty { _ = try connection.query("SELECT 1 FROM pg_sleep(0.1)", []) }
        return !others.isEmpty
    }
}
