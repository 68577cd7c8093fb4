import Identity

extension SQLTransaction {
    private static let secretColumns =
        "id, realm, account, purpose, digest, address, created_at, expires_at, tries, used_at, voided_at"

    func secret(account: AccountID, purpose: SecretPurpose) throws -> Secret? {
        try row(
            "SELECT \(Self.secretColumns) FROM secrets WHERE account = ?1 AND purpose = ?2 AND used_at IS NULL AND voided_at IS NULL",
            account, purpose.rawValue
        ).map(Self.secret)
    }

    func secret(digest: Digest, purpose: SecretPurpose) throws -> Secret? {
        try row(
            """
            SELECT \(Self.secretColumns) FROM secrets WHERE digest = ?1 AND purpose = ?2 AND voided_at IS NULL
            ORDER BY created_at DESC LIMIT 1
            """, digest, purpose.rawValue
        ).map(Self.secret)
    }

    func put(_ secret: Secret) throws {
        try execute(
            "UPDATE secrets SET voided_at = ?3 WHERE account = ?1 AND purpose = ?2 AND used_at IS NULL AND voided_at IS NULL",
            secret.account, secret.purpose.rawValue, secret.createdAt)
        try execute(
            "INSERT INTO secrets (\(Self.secretColumns)) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)", secret.id, secret.realm,
            secret.account, secret.purpose.rawValue, secret.digest, secret.address, secret.createdAt, secret.expiresAt, secret.tries,
            secret.usedAt, secret.voidedAt)
    }

    func use(_ secret: SecretID, at now: Instant) throws -> Bool {
        try execute("UPDATE secrets SET used_at = ?2 WHERE id = ?1 AND used_at IS NULL AND voided_at IS NULL", secret, now) == 1
    }

    func countTry(_ secret: SecretID, limit: Int) throws -> Int {
        let counted = try row(
            """
            UPDATE secrets SET tries = tries + 1, voided_at = CASE WHEN tries + 1 >= ?2 THEN created_at END
            WHERE id = ?1 AND used_at IS NULL AND voided_at IS NULL RETURNING tries
            """, secret, limit)
        guard var tries = try counted ?? row("SELECT tries FROM secrets WHERE id = ?1", secret) else { return limit }
        return try tries.count()
    }

    func void(account: AccountID, purpose: SecretPurpose) throws {
        try execute(
            "UPDATE secrets SET voided_at = created_at WHERE account = ?1 AND purpose = ?2 AND used_at IS NULL AND voided_at IS NULL",
            account, purpose.rawValue)
    }

    private static func secret(_ row: SQLRow) throws -> Secret {
        var row = row
        var secret = Secret(
            id: try row.secretID(), realm: try row.text(), account: try row.accountID(), purpose: try row.name(),
            digest: try row.digest(), address: try row.text(), createdAt: try row.instant(), expiresAt: try row.instant())
        secret.tries = try row.count()
        secret.usedAt = try row.instantIfPresent()
        secret.voidedAt = try row.instantIfPresent()
        return secret
    }
}
