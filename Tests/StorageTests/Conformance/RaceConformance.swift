import Identity
import Testing

@Suite struct RaceConformance {
    private static let racers = 100

    @Test(arguments: StoreKind.allCases)
    func `of a hundred registrations of one address in any spelling one wins`(kind: StoreKind) async throws {
        try await kind.withStore { store in
            let spellings = ["ann@example.com", "Ann@Example.com", "ANN@EXAMPLE.COM", "aNN@eXAMPLE.cOM"]
            let won = try await together(Self.racers) { number in
                do {
                    _ = try await store.write { try $0.insert(Sample.account(number, email: spellings[number % 4])) }
                    return true
                } catch StoreError.taken(.email) {
                    return false
                }
            }
            #expect(won.count { $0 } == 1)
            let count = try await store.read { try $0.accountCount(realm: "one") }
            #expect(count == 1)
        }
    }

    @Test(arguments: StoreKind.allCases)
    func `a hundred registrations at once get a hundred serials`(kind: StoreKind) async throws {
        try await kind.withStore { store in
            let serials = try await together(Self.racers) { number in try await store.write { try $0.insert(Sample.account(number)).serial }
            }
            #expect(serials.sorted() == (1...100).map(Int64.init))
        }
    }

    @Test(arguments: StoreKind.allCases)
    func `of a hundred updates of one version one wins`(kind: StoreKind) async throws {
        try await kind.withStore { store in
            let account = try await store.write { try $0.insert(Sample.account(1)) }
            let won = try await together(Self.racers) { number in
                do {
                    var changed = account
                    changed.plan = "\(number)"
                    _ = try await store.write { [changed] in try $0.update(changed) }
                    return true
                } catch StoreError.conflict {
                    return false
                }
            }
            #expect(won.count { $0 } == 1)
        }
    }

    @Test(arguments: StoreKind.allCases)
    func `of a hundred uses of one code or link one wins`(kind: StoreKind) async throws {
        try await kind.withStore { store in
            try await store.insert(accounts: 1...1)
            try await store.write { try $0.put(Sample.secret(1, account: 1, purpose: .loginCode)) }
            let used = try await together(Self.racers) { _ in try await store.write { try $0.use(Sample.secretID(1), at: .start) } }
            #expect(used.count { $0 } == 1)
        }
    }

    @Test(arguments: StoreKind.allCases)
    func `of a hundred uses of one refresh token one wins`(kind: StoreKind) async throws {
        try await kind.withStore { store in
            try await store.insert(accounts: 1...1)
            _ = try await store.write { try $0.insert(Sample.token(1, account: 1, purpose: .refresh)) }
            let used = try await together(Self.racers) { _ in try await store.write { try $0.useToken(Sample.digest(1), at: .start) } }
            #expect(used.count { $0 } == 1)
        }
    }

    @Test(arguments: StoreKind.allCases)
    func `of a hundred that end one session, and of a hundred that end one unknown token, one wins`(kind: StoreKind) async throws {
        try await kind.withStore { store in
            try await store.insert(accounts: 1...1)
            try await store.write { try $0.insert(Sample.session(1, account: 1)) }
            let sessions = try await together(Self.racers) { _ in
                try await store.write { try $0.endSession(Sample.sessionID(1), at: .start) }
            }
            let tokens = try await together(Self.racers) { _ in
                try await store.write { try $0.endToken(Sample.token(1, account: 1), at: .start) }
            }
            #expect(sessions.count { $0 } == 1)
            #expect(tokens.count { $0 } == 1)
        }
    }

    @Test(arguments: StoreKind.allCases)
    func `of a hundred distinct tokens of one second one is stored`(kind: StoreKind) async throws {
        try await kind.withStore { store in
            try await store.insert(accounts: 1...1)
            let stored = try await together(Self.racers) { number in
                try await store.write { try $0.insert(Sample.token(number, account: 1, distinct: true)) }
            }
            #expect(stored.count { $0 } == 1)
        }
    }

    @Test(arguments: StoreKind.allCases)
    func `a hundred wrong tries void the code at the limit, and every one before is counted once`(kind: StoreKind) async throws {
        try await kind.withStore { store in
            try await store.insert(accounts: 1...1)
            try await store.write { try $0.put(Sample.secret(1, account: 1)) }
            let tries = try await together(Self.racers) { _ in try await store.write { try $0.countTry(Sample.secretID(1), limit: 5) } }
            #expect(tries.sorted() == [1, 2, 3, 4] + Array(repeating: 5, count: 96))
            let void = try await store.write { try $0.use(Sample.secretID(1), at: .start) }
            #expect(void == false)
        }
    }

    @Test(arguments: StoreKind.allCases)
    func `a hundred counts are a hundred`(kind: StoreKind) async throws {
        try await kind.withStore { store in
            let counts = try await together(Self.racers) { _ in
                try await store.write { try $0.count("bucket", window: .seconds(60), at: .start).count }
            }
            #expect(counts.sorted() == Array(1...100))
        }
    }
}
