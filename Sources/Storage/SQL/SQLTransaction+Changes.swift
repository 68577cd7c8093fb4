import Identity

extension SQLTransaction {
    /// Notes for other instances that the standing of an account changes with this transaction; in PostgreSQL's own words.
    func announce(_ account: AccountID) throws {
        try execute(
            """
            INSERT INTO changes (txid, account, made_at)
            VALUES (txid_current(), ?1, CAST(extract(epoch FROM now()) * 1000000 AS BIGINT))
            """, account)
    }
}
