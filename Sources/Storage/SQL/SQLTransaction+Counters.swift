import Identity

extension SQLTransaction {
    func counter(_ bucket: String) throws -> Counter? {
        try row("SELECT hits, started_at, ends_at FROM counters WHERE bucket = ?1", bucket).map(Self.counter)
    }

    func count(_ bucket: String, window: Duration, at now: Instant) throws -> Counter {
        let counted = try row(
            """
            INSERT INTO counters (bucket, hits, started_at, ends_at) VALUES (?1, 1, ?2, ?3) ON CONFLICT (bucket) DO UPDATE SET
            hits = CASE WHEN counters.ends_at <= excluded.started_at THEN 1 ELSE counters.hits + 1 END,
            started_at = CASE WHEN excluded.started_at BETWEEN counters.started_at AND counters.ends_at - 1
                THEN counters.started_at ELSE excluded.started_at END,
            ends_at = CASE WHEN excluded.started_at BETWEEN counters.started_at AND counters.ends_at - 1
                THEN counters.ends_at ELSE excluded.ends_at END
            RETURNING hits, started_at, ends_at
            """, bucket, now, now + window)
        guard let counted else { throw StoreError.damaged("nothing was counted") }
        return try Self.counter(counted)
    }

    func uncount(_ bucket: String, since start: Instant) throws {
        try execute("UPDATE counters SET hits = hits - 1 WHERE bucket = ?1 AND started_at = ?2 AND hits > 0", bucket, start)
        // What has counted nothing leaves nothing behind: anybody can have that made, as often as they like.
        try execute("DELETE FROM counters WHERE bucket = ?1 AND started_at = ?2 AND hits = 0", bucket, start)
    }

    func clear(_ bucket: String) throws {
        try execute("DELETE FROM counters WHERE bucket = ?1", bucket)
    }

    private static func counter(_ row: SQLRow) throws -> Counter {
        var row = row
        return Counter(count: try row.count(), startedAt: try row.instant(), endsAt: try row.instant())
    }
}
