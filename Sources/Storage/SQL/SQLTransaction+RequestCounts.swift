import Identity

/// In PostgreSQL's own words, as no other store is shared.
extension SQLTransaction {
    /// So many are told to who begins.
    private static let mostAtOnce = 20_000
    private static let columns = "frontend, name, caller, hits, started_at, ends_at"

    /// Adds counts to their totals, each caller once, and tells what others have added since `place`; without one, what counts now.
    ///
    /// The row says when a window began and when it ends, for all instances. Counts that come for a window that is over there begin a new
    /// one; those of two that overlap are together, in the one that began first; and late ones, as clocks differ, belong to the window
    /// that has followed. A row that begins later than a whole window from `now` was written by a clock that was wrong: its end is not
    /// waited for.
    func exchange(_ counts: [RequestCount], since place: CountNews.Place?, at now: Instant) throws -> CountNews {
        var (others, snapshot) = try place.map(told) ?? ([], snapshot())
        if place == nil { others = try living(at: now) }
        guard !counts.isEmpty else { return CountNews(others: others, own: [], place: .init(snapshot: snapshot, own: 0)) }
        // What a crash takes away of them was counted by nobody else's leave.
        _ = try rows("SELECT set_config('synchronous_commit', 'off', true)")
        let added = try rows(
            """
            INSERT INTO request_counts (\(Self.columns), txid)
            SELECT f, n, c, h, s, e, txid_current()
            FROM json_to_recordset(CAST(?1 AS JSON)) AS fresh (f TEXT, n TEXT, c TEXT, h BIGINT, s BIGINT, e BIGINT) ORDER BY f, n, c
            ON CONFLICT (frontend, name, caller) DO UPDATE SET
            hits = CASE WHEN request_counts.ends_at <= excluded.started_at THEN 0 ELSE request_counts.hits END + excluded.hits,
            started_at = \(Self.chosen("started_at")),
            ends_at = \(Self.chosen("ends_at")),
            txid = excluded.txid
            RETURNING \(Self.columns), txid
            """, Self.text(of: counts), now)
        var transaction: Int64 = 0
        let own = try added.map { row in
            var row = row
            let total = try Self.count(&row)
            transaction = try row.integer()
            return total
        }
        return CountNews(others: others, own: own, place: .init(snapshot: snapshot, own: transaction))
    }

    private static func chosen(_ column: String) -> String {
        """
        CASE WHEN request_counts.ends_at <= excluded.started_at
            OR request_counts.started_at > ?2 + excluded.ends_at - excluded.started_at THEN excluded.\(column)
        WHEN excluded.ends_at <= request_counts.started_at THEN request_counts.\(column)
        ELSE least(request_counts.\(column), excluded.\(column)) END
        """
    }

    /// One text, so that the statement is the same for however many.
    private static func text(of counts: [RequestCount]) -> String {
        let list = counts.map { count in
            Value.object([
                .init("f", .string(count.frontend)), .init("n", .string(count.limit)), .init("c", .string(count.caller)),
                .init("h", .int(Int64(count.hits))), .init("s", .int(count.startedAt.microseconds)),
                .init("e", .int(count.endsAt.microseconds)),
            ])
        }
        return String(decoding: JSONWriter.document(.list(list)), as: UTF8.self)
    }

    private func snapshot() throws -> String {
        guard var row = try row("SELECT CAST(txid_current_snapshot() AS TEXT)") else { throw StoreError.damaged("there is no snapshot") }
        return try row.text()
    }

    /// Those of the highest counts, where there are too many.
    private func living(at now: Instant) throws -> [RequestCount] {
        try rows("SELECT \(Self.columns) FROM request_counts WHERE ends_at > ?1 ORDER BY hits DESC LIMIT ?2", now, Self.mostAtOnce).map {
            var row = $0
            return try Self.count(&row)
        }
    }

    /// What transactions wrote that had not ended when the place's snapshot was taken.
    private func told(since place: CountNews.Place) throws -> ([RequestCount], String) {
        var snapshot = ""
        var counts: [RequestCount] = []
        let told = try rows(
            """
            SELECT CAST(txid_current_snapshot() AS TEXT), hits IS NOT NULL, \(Self.columns)
            FROM (SELECT 1) AS one LEFT JOIN request_counts ON txid >= txid_snapshot_xmin(CAST(?1 AS txid_snapshot))
            AND NOT txid_visible_in_snapshot(txid, CAST(?1 AS txid_snapshot)) AND txid <> ?2
            """, place.snapshot, place.own)
        for var row in told {
            snapshot = try row.text()
            if try row.flag() { counts.append(try Self.count(&row)) }
        }
        return (counts, snapshot)
    }

    private static func count(_ row: inout SQLRow) throws -> RequestCount {
        RequestCount(
            frontend: try row.text(), limit: try row.text(), caller: try row.text(), hits: try row.count(),
            startedAt: try row.instant(), endsAt: try row.instant())
    }
}
