import Identity
import Mail

/// The store's outbox as the mail worker sees it.
struct StoreOutbox: MailOutbox {
    let store: any IdentityStore

    func claim(now: Int64, until: Int64) async throws -> OutboxRow? {
        let entry = try await store.write { try $0.claimOutbox(at: Instant(microseconds: now), until: Instant(microseconds: until)) }
        return entry.map {
            OutboxRow(
                id: $0.id, attempts: $0.attempts, createdAt: $0.createdAt.microseconds, expiresAt: $0.expiresAt?.microseconds,
                payload: $0.payload)
        }
    }

    func sent(_ id: String, now: Int64) async throws {
        try await store.write { try $0.outboxSent(id, at: Instant(microseconds: now)) }
    }

    func postpone(_ id: String, until: Int64, reason: String) async throws {
        try await store.write { try $0.outboxPostpone(id, until: Instant(microseconds: until), reason: reason) }
    }

    func fail(_ id: String, reason: String, now: Int64) async throws {
        try await store.write { try $0.outboxFail(id, at: Instant(microseconds: now), reason: reason) }
    }
}
