import Identity

extension Instant {
    /// 2026-01-01T00:00:00Z, when the tests' stores were made.
    static let start = Instant(seconds: 1_767_225_600)

    static func after(_ span: Duration) -> Instant { start + span }
}

/// Rows for tests; numbers stand for ids and digests.
enum Sample {
    static func id(_ number: Int) -> AccountID { AccountID(high: 0x0190_0000_0000_7000, low: 0x8000_0000_0000_0000 | UInt64(number)) }

    static func bytes(_ number: Int, count: Int) -> [UInt8] {
        (0..<count).map { $0 < 8 ? UInt8(truncatingIfNeeded: number >> (8 * $0)) : UInt8($0) }
    }

    static func digest(_ number: Int) -> Digest { Digest(bytes: bytes(number, count: 32)) }
    static func sessionID(_ number: Int) -> SessionID { SessionID(bytes: bytes(number, count: 16)) }
    static func secretID(_ number: Int) -> SecretID { SecretID(bytes: bytes(number, count: 16)) }

    static func account(_ number: Int, email: String? = nil, realm: String = "one") -> Account {
        Account(id: id(number), realm: realm, email: email ?? "a\(number)@example.com", role: "user", createdAt: .start)
    }

    static func session(_ number: Int, account: Int, ends: Duration = .seconds(3600)) -> Session {
        Session(id: sessionID(number), realm: "one", account: id(account), createdAt: .start, expiresAt: .after(ends))
    }

    static func token(
        _ number: Int, account: Int, purpose: TokenPurpose = .access, session: Int? = nil, issued: Instant = .start,
        ends: Duration = .seconds(600), distinct: Bool = false
    ) -> TokenRecord {
        TokenRecord(
            digest: digest(number), purpose: purpose, session: session.map(sessionID), account: id(account), issuedAt: issued,
            expiresAt: .after(ends), distinct: distinct)
    }

    static func secret(
        _ number: Int, account: Int, purpose: SecretPurpose = .confirm, created: Instant = .start, ends: Duration = .seconds(600)
    ) -> Secret {
        Secret(
            id: secretID(number), realm: "one", account: id(account), purpose: purpose, digest: digest(number),
            address: "a\(account)@example.com", createdAt: created, expiresAt: .after(ends))
    }

    static func mail(_ id: String, created: Instant = .start) -> OutboxEntry {
        OutboxEntry(
            id: id, realm: "one", notice: .confirm, recipient: "a@example.com", payload: [0, 1, 255], createdAt: created,
            expiresAt: created + .seconds(86_400))
    }
}

extension IdentityStore {
    /// Registers accounts with these numbers.
    func insert(accounts: ClosedRange<Int>, realm: String = "one") async throws {
        try await write { transaction in
            for number in accounts { _ = try transaction.insert(Sample.account(number, realm: realm)) }
        }
    }
}
