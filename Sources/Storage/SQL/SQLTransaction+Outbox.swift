import Identity

extension SQLTransaction {
    private static let mailColumns =
        "id, realm, notice, recipient, payload, created_at, expires_at, not_before, attempts, state, reason"

    /// In the order of an index, so that a claim costs the same however many mails are due.
    static let claim = """
        UPDATE outbox SET not_before = ?2 WHERE id = (
            SELECT id FROM outbox WHERE state = 'waiting' AND not_before <= ?1 ORDER BY not_before, created_at, id LIMIT 1
        ) RETURNING \(mailColumns)
        """

    func outboxCount(_ state: OutboxEntry.State) throws -> Int64 {
        guard var row = try row("SELECT count(*) FROM outbox WHERE state = ?1", state.rawValue) else { return 0 }
        return try row.integer()
    }

    func outbox(state: OutboxEntry.State?, limit: Int) throws -> [OutboxEntry] {
        let listed =
            if let state {
                try rows(
                    "SELECT \(Self.mailColumns) FROM outbox WHERE state = ?1 ORDER BY created_at DESC, id DESC LIMIT ?2", state.rawValue,
                    max(0, limit))
            } else {
                try rows("SELECT \(Self.mailColumns) FROM outbox ORDER BY created_at DESC, id DESC LIMIT ?1", max(0, limit))
            }
        return try listed.map(Self.mail)
    }

    func enqueue(_ entry: OutboxEntry) throws {
        try execute(
            "INSERT INTO outbox (\(Self.mailColumns)) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)", entry.id, entry.realm,
            entry.notice.rawValue, entry.recipient, entry.payload.isEmpty ? nil : entry.payload, entry.createdAt, entry.expiresAt,
            entry.notBefore, entry.attempts, entry.state.rawValue, entry.reason)
    }

    func claimOutbox(at now: Instant, until: Instant) throws -> OutboxEntry? {
        try rows(Self.claim, now, until).first.map(Self.mail)
    }

    func releaseOutbox(at now: Instant, before end: Instant) throws {
        try execute(
            "UPDATE outbox SET not_before = ?1 WHERE state = 'waiting' AND attempts = 0 AND not_before > ?1 AND not_before < ?2", now, end)
    }

    func outboxSent(_ id: String, at now: Instant) throws {
        try execute(
            """
            UPDATE outbox SET state = 'sent', payload = NULL, reason = NULL, not_before = ?2, attempts = attempts + 1
            WHERE id = ?1 AND state = 'waiting'
            """, id, now)
    }

    func outboxPostpone(_ id: String, until: Instant, reason: String) throws {
        try execute(
            "UPDATE outbox SET not_before = ?2, reason = ?3, attempts = attempts + 1 WHERE id = ?1 AND state = 'waiting'", id, until,
            reason)
    }

    func outboxFail(_ id: String, at now: Instant, reason: String) throws {
        try execute(
            """
            UPDATE outbox SET state = 'failed', payload = NULL, reason = ?3, not_before = ?2, attempts = attempts + 1
            WHERE id = ?1 AND state = 'waiting'
            """, id, now, reason)
    }

    private static func mail(_ row: SQLRow) throws -> OutboxEntry {
        var row = row
        var entry = OutboxEntry(
            id: try row.text(), realm: try row.text(), notice: try row.name(), recipient: try row.text(),
            payload: try row.blobIfPresent() ?? [], createdAt: try row.instant(), expiresAt: try row.instantIfPresent())
        entry.notBefore = try row.instant()
        entry.attempts = try row.count()
        entry.state = try row.name()
        entry.reason = try row.textIfPresent()
        return entry
    }
}
