import Identity

extension SQLTransaction {
    /// Notes for other instances that the standing of an account changes with this transaction; in PostgreSQL's own words.
    func announce(_ account: AccountID) throws {
        try execute(
            """
            INSERT INTO changes (txid, account, made_at)
            VALUES (txid_current(), ?1, \(Self.databaseClock))
            """, account)
    }

    /// In microseconds.
    private static let databaseClock = "CAST(extract(epoch FROM now()) * 1000000 AS BIGINT)"

    /// The database's own time, by which changes are told; nil where there are none.
    ///
    /// An instance whose clock is ahead must not take away what others have not read yet.
    func databaseTime() throws -> Instant? {
        guard isShared, var row = try row("SELECT \(Self.databaseClock)") else { return nil }
        return Instant(microseconds: try row.integer())
    }
}
