import Identity

extension SQLTransaction {
    private static let sessionColumns = "id, realm, account, created_at, expires_at, ended_at"
    private static let tokenColumns =
        "digest, purpose, session, account, issued_at, expires_at, is_distinct, used_at, ended_at, issued_second"
    private static let keyColumns = "digest, realm, account, created_at"

    func session(id: SessionID) throws -> Session? {
        try row("SELECT \(Self.sessionColumns) FROM sessions WHERE id = ?1", id).map { row in
            var row = row
            return Session(
                id: try row.sessionID(), realm: try row.text(), account: try row.accountID(), createdAt: try row.instant(),
                expiresAt: try row.instant(), endedAt: try row.instantIfPresent())
        }
    }

    func insert(_ session: Session) throws {
        try execute(
            "INSERT INTO sessions (\(Self.sessionColumns)) VALUES (?1, ?2, ?3, ?4, ?5, ?6)", session.id, session.realm, session.account,
            session.createdAt, session.expiresAt, session.endedAt)
    }

    func endSession(_ id: SessionID, at now: Instant) throws -> Bool {
        try execute("UPDATE sessions SET ended_at = ?2 WHERE id = ?1 AND ended_at IS NULL", id, now) == 1
    }

    func endSessions(of account: AccountID, except: SessionID?, at now: Instant) throws {
        // No session has an empty id.
        let spared = except ?? SessionID(bytes: [])
        try execute("UPDATE sessions SET ended_at = ?3 WHERE account = ?1 AND id <> ?2 AND ended_at IS NULL", account, spared, now)
    }

    func token(digest: Digest) throws -> TokenRecord? {
        try row("SELECT \(Self.tokenColumns) FROM tokens WHERE digest = ?1", digest).map { row in
            var row = row
            return TokenRecord(
                digest: try row.digest(), purpose: try row.name(), session: try row.sessionIDIfPresent(), account: try row.accountID(),
                issuedAt: try row.instant(), expiresAt: try row.instant(), distinct: try row.flag(), usedAt: try row.instantIfPresent(),
                endedAt: try row.instantIfPresent())
        }
    }

    func tokenDigests(after: Digest?, limit: Int) throws -> [Digest] {
        // No digest is empty.
        try rows("SELECT digest FROM tokens WHERE digest > ?1 ORDER BY digest LIMIT ?2", after ?? Digest(bytes: []), max(0, limit)).map {
            row in
            var row = row
            return try row.digest()
        }
    }

    func insert(_ token: TokenRecord) throws -> Bool {
        if token.distinct {
            let other = try row(
                "SELECT 1 FROM tokens WHERE account = ?1 AND purpose = ?2 AND issued_second = ?3 LIMIT 1", token.account,
                token.purpose.rawValue, token.issuedAt.seconds)
            guard other == nil else { return false }
        }
        return try execute(
            "INSERT INTO tokens (\(Self.tokenColumns)) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10) ON CONFLICT DO NOTHING",
            token.digest, token.purpose.rawValue, token.session, token.account, token.issuedAt, token.expiresAt, token.distinct,
            token.usedAt, token.endedAt, token.issuedAt.seconds) == 1
    }

    func endToken(_ record: TokenRecord, at now: Instant) throws -> Bool {
        try execute(
            """
            INSERT INTO tokens (\(Self.tokenColumns)) VALUES (?1, ?2, ?3, ?4, ?5, ?6, 0, ?7, ?8, ?9) ON CONFLICT (digest)
            DO UPDATE SET ended_at = excluded.ended_at WHERE tokens.ended_at IS NULL
            """, record.digest, record.purpose.rawValue, record.session, record.account, record.issuedAt, record.expiresAt,
            record.usedAt, now, record.issuedAt.seconds) == 1
    }

    func useToken(_ digest: Digest, at now: Instant) throws -> Bool {
        try execute("UPDATE tokens SET used_at = ?2 WHERE digest = ?1 AND used_at IS NULL AND ended_at IS NULL", digest, now) == 1
    }

    func apiKey(digest: Digest) throws -> APIKeyRecord? {
        try row("SELECT \(Self.keyColumns) FROM api_keys WHERE digest = ?1", digest).map(Self.apiKey)
    }

    func put(_ key: APIKeyRecord) throws {
        try execute(
            """
            INSERT INTO api_keys (\(Self.keyColumns)) VALUES (?1, ?2, ?3, ?4) ON CONFLICT (account)
            DO UPDATE SET digest = excluded.digest, realm = excluded.realm, created_at = excluded.created_at
            """, key.digest, key.realm, key.account, key.createdAt)
    }

    private static func apiKey(_ row: SQLRow) throws -> APIKeyRecord {
        var row = row
        return APIKeyRecord(
            digest: try row.digest(), realm: try row.text(), account: try row.accountID(), createdAt: try row.instant())
    }
}
