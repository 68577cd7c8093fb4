import Identity

extension SQLTransaction {
    func prune(at now: Instant, limit: Int) throws -> Int {
        let limit = max(0, limit)
        var gone = try execute(
            "DELETE FROM tokens WHERE digest IN (SELECT digest FROM tokens WHERE expires_at <= ?1 ORDER BY expires_at LIMIT ?2)",
            now - Retention.tokens, limit)
        gone += try execute(
            """
            DELETE FROM sessions WHERE id IN (SELECT id FROM sessions WHERE expires_at <= ?1
            AND NOT EXISTS (SELECT 1 FROM tokens WHERE tokens.session = sessions.id) ORDER BY expires_at LIMIT ?2)
            """, now - Retention.tokens, limit)
        gone += try execute(
            "DELETE FROM secrets WHERE id IN (SELECT id FROM secrets WHERE expires_at <= ?1 ORDER BY expires_at LIMIT ?2)",
            now - Retention.secrets, limit)
        gone += try execute(
            "DELETE FROM counters WHERE bucket IN (SELECT bucket FROM counters WHERE ends_at <= ?1 ORDER BY ends_at LIMIT ?2)", now, limit)
        gone += try execute(
            """
            DELETE FROM outbox WHERE id IN (SELECT id FROM outbox WHERE (state = 'sent' AND not_before <= ?1)
            OR (state = 'failed' AND not_before <= ?2) ORDER BY not_before LIMIT ?3)
            """, now - Retention.sentMails, now - Retention.failedMails, limit)
        gone += try execute(
            """
            DELETE FROM keys WHERE (realm, frontend, purpose, algorithm, number) IN (
                SELECT realm, frontend, purpose, algorithm, number FROM keys WHERE ends_at <= ?1 ORDER BY ends_at LIMIT ?2
            )
            """, now, limit)
        gone += try execute(
            "DELETE FROM changes WHERE txid IN (SELECT txid FROM changes WHERE made_at <= ?1 ORDER BY made_at LIMIT ?2)",
            min(now, try databaseTime() ?? now) - Retention.changes, limit)
        gone += try execute(
            """
            DELETE FROM request_counts WHERE (frontend, name, caller) IN (
                SELECT frontend, name, caller FROM request_counts WHERE ends_at <= ?1 ORDER BY ends_at LIMIT ?2
            )
            """, now - Retention.requestCounts, limit)
        return gone
    }
}
