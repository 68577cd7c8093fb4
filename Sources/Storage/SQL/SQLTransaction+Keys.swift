import Identity

extension SQLTransaction {
    private static let keyColumns = "realm, frontend, purpose, algorithm, number, sealed, created_at, signs_from, ends_at"

    func sealedKeys() throws -> [SealedKey] {
        try rows("SELECT \(Self.keyColumns) FROM keys ORDER BY number").map { row in
            var row = row
            let name = SealedKey.Name(
                realm: try row.text(), frontend: try row.text(), purpose: try row.text(), algorithm: try row.text())
            return SealedKey(
                name: name, number: try row.integer(), sealed: try row.blob(), createdAt: try row.instant(), signsFrom: try row.instant(),
                endsAt: try row.instantIfPresent())
        }
    }

    func insert(_ key: SealedKey) throws -> Bool {
        try execute(
            "INSERT INTO keys (\(Self.keyColumns)) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9) ON CONFLICT DO NOTHING",
            key.name.realm, key.name.frontend, key.name.purpose, key.name.algorithm, key.number, key.sealed, key.createdAt, key.signsFrom,
            key.endsAt) == 1
    }

    func endKeys(of name: SealedKey.Name, below number: Int64, at end: Instant) throws {
        try execute(
            """
            UPDATE keys SET ends_at = ?6 WHERE realm = ?1 AND frontend = ?2 AND purpose = ?3 AND algorithm = ?4 AND number < ?5
            AND (ends_at IS NULL OR ends_at > ?6)
            """, name.realm, name.frontend, name.purpose, name.algorithm, number, end)
    }
}
