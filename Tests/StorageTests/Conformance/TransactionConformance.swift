import Identity
import Testing

@Suite struct TransactionConformance {
    private struct Stop: Error, Equatable {}

    @Test(arguments: StoreKind.allCases)
    func `a transaction that throws leaves no trace and throws what was thrown`(kind: StoreKind) async throws {
        try await kind.withStore { store in
            try await store.insert(accounts: 1...1)
            try await store.write { store in
                try store.put(Sample.secret(1, account: 1))
                _ = try store.count("bucket", window: .seconds(9), at: .start)
            }
            let before = try await Self.all(store)
            await #expect(throws: Stop()) {
                try await store.write { store in
                    var account = try #require(try store.account(id: Sample.id(1), realm: "one"))
                    account.email = "other@example.com"
                    account.pendingEmail = "pending@example.com"
                    _ = try store.update(account)
                    _ = try store.insert(Sample.account(2))
                    try store.insert(Sample.session(1, account: 1))
                    _ = try store.insert(Sample.token(1, account: 1, session: 1, distinct: true))
                    try store.put(Sample.secret(2, account: 1))
                    try store.put(APIKeyRecord(digest: Sample.digest(1), realm: "one", account: Sample.id(1), createdAt: .start))
                    _ = try store.count("bucket", window: .seconds(9), at: .start)
                    try store.enqueue(Sample.mail("a"))
                    try store.erase(Sample.id(1))
                    throw Stop()
                }
            }
            #expect(try await Self.all(store) == before)
            let serial = try await store.write { try $0.insert(Sample.account(3)).serial }
            #expect(serial == 2)
        }
    }

    @Test(arguments: StoreKind.allCases)
    func `of transactions at once those that throw are undone and the others stay`(kind: StoreKind) async throws {
        try await kind.withStore { store in
            let kept = try await together(100) { number in
                do {
                    try await store.write { store in
                        _ = try store.insert(Sample.account(number))
                        if number % 3 == 0 { throw Stop() }
                    }
                    return true
                } catch is Stop {
                    return false
                }
            }
            #expect(kept.count { $0 } == 66)
            let found = try await store.read { store in
                try (0..<100).filter { try store.account(id: Sample.id($0), realm: "one") != nil }
            }
            #expect(found == (0..<100).filter { $0 % 3 != 0 })
            let serials = try await store.read { try $0.accounts(realm: "one", after: 0, limit: 200, search: nil).map(\.serial) }
            #expect(serials == Array(1...66))
        }
    }

    @Test(arguments: StoreKind.allCases)
    func `a read sees either all of a transaction or none of it`(kind: StoreKind) async throws {
        try await kind.withStore { store in
            let torn = try await withThrowingTaskGroup(of: Int.self) { group in
                group.addTask { @concurrent in
                    for number in 0..<100 {
                        try await store.write { store in
                            _ = try store.insert(Sample.account(2 * number))
                            _ = try store.insert(Sample.account(2 * number + 1))
                        }
                    }
                    return 0
                }
                group.addTask { @concurrent in
                    var torn = 0
                    for _ in 0..<200 {
                        let counts = try await store.read { [try $0.accountCount(realm: "one"), try $0.accountCount(realm: "one")] }
                        if counts[0] % 2 != 0 || counts[0] != counts[1] { torn += 1 }
                    }
                    return torn
                }
                return try await group.reduce(0, +)
            }
            #expect(torn == 0)
        }
    }

    @Test(arguments: StoreKind.allCases)
    func `a store answers pings until it is closed, and then refuses everything in words`(kind: StoreKind) async throws {
        try await kind.withStore { store in
            try await store.ping()
            await store.close()
            await store.close()
            await #expect(throws: StoreError.unavailable("closed")) { try await store.ping() }
            await #expect(throws: StoreError.unavailable("closed")) { _ = try await store.read { try $0.accountCount(realm: "one") } }
            await #expect(throws: StoreError.unavailable("closed")) { _ = try await store.write { try $0.nextSerial(realm: "one") } }
        }
    }

    private struct Everything: Equatable, Sendable {
        var accounts: [Account]
        var pending: [Account]
        var sessions: [Session?]
        var tokens: [TokenRecord?]
        var secrets: [Secret?]
        var key: APIKeyRecord?
        var counter: Counter?
        var mails: [OutboxEntry]
    }

    private static func all(_ store: any IdentityStore) async throws -> Everything {
        try await store.read { store in
            Everything(
                accounts: try store.accounts(realm: "one", after: 0, limit: 9, search: nil),
                pending: try store.accounts(pendingEmail: IdentifierKey("pending@example.com"), realm: "one"),
                sessions: [try store.session(id: Sample.sessionID(1))], tokens: [try store.token(digest: Sample.digest(1))],
                secrets: [
                    try store.secret(account: Sample.id(1), purpose: .confirm),
                    try store.secret(digest: Sample.digest(1), purpose: .confirm),
                    try store.secret(digest: Sample.digest(2), purpose: .confirm),
                ], key: try store.apiKey(digest: Sample.digest(1)), counter: try store.counter("bucket"),
                mails: try store.outbox(state: nil, limit: 9))
        }
    }
}
