import Identity
import Testing

@Suite struct AccountConformance {
    private static let full: Account = {
        var account = Sample.account(1, email: "Ann@Example.com")
        account.pendingEmail = "New@Example.com"
        account.username = "Ann"
        account.phone = "+4912345"
        account.passwordHash = "$2b$04$abc"
        account.role = "admin"
        account.status = .suspended
        account.plan = "pro"
        account.usageCount = 7
        account.usageLimit = -1
        account.attributes = [
            "first_name": .string("Zoë \"Q\"\n\u{1F600}"), "age": .int(.min), "score": .number("1.50"),
            "born": .time(Instant(microseconds: -1)),
            "member": .bool(true), "nothing": .null, "list": .list([.time(.start), .int(1)]),
            "object": .object([.init("t", .int(5)), .init("when", .time(.start))]), "": .string(""),
        ]
        account.confirmedAt = .after(.microseconds(1))
        account.signInCount = 3
        account.firstSignInAt = .after(.seconds(2))
        account.lastSignInAt = .after(.seconds(3))
        account.sessionsEndedAt = .after(.seconds(4))
        account.updatedAt = .after(.seconds(5))
        return account
    }()

    @Test(arguments: StoreKind.allCases)
    func `an account comes back as it was stored, found by each of its names`(kind: StoreKind) async throws {
        try await kind.withStore { store in
            let stored = try await store.write { try $0.insert(Self.full) }
            var expected = Self.full
            expected.serial = 1
            expected.version = 1
            #expect(stored == expected)
            let found = try await store.read { store in
                [
                    try store.account(id: Self.full.id, realm: "one"), try store.account(serial: 1, realm: "one"),
                    try store.account(.email, key: IdentifierKey("ANN@example.COM"), realm: "one"),
                    try store.account(.username, key: IdentifierKey("aNN"), realm: "one"),
                    try store.account(.phone, key: IdentifierKey("+4912345"), realm: "one"),
                    try store.accounts(pendingEmail: IdentifierKey("new@example.com"), realm: "one").first,
                ]
            }
            #expect(found == Array(repeating: expected, count: 6))
            let bare = try await store.write { try $0.insert(Sample.account(2)) }
            let again = try await store.read { try $0.account(id: bare.id, realm: "one") }
            #expect(again == bare)
        }
    }

    @Test(arguments: StoreKind.allCases)
    func `what is not there is nil, and another realm sees nothing`(kind: StoreKind) async throws {
        try await kind.withStore { store in
            _ = try await store.write { try $0.insert(Self.full) }
            let found = try await store.read { store in
                [
                    try store.account(id: Self.full.id, realm: "two"), try store.account(serial: 1, realm: "two"),
                    try store.account(.email, key: IdentifierKey("ann@example.com"), realm: "two"),
                    try store.accounts(pendingEmail: IdentifierKey("new@example.com"), realm: "two").first,
                    try store.account(id: Sample.id(9), realm: "one"), try store.account(serial: 2, realm: "one"),
                    try store.account(.username, key: IdentifierKey("ann@example.com"), realm: "one"),
                    try store.account(.email, key: IdentifierKey("Ann"), realm: "one"),
                ]
            }
            #expect(found.allSatisfy { $0 == nil })
            var twin = Self.full
            twin.id = Sample.id(2)
            twin.realm = "two"
            let stored = try await store.write { [twin] in try $0.insert(twin) }
            #expect(stored.serial == 1)
        }
    }

    @Test(arguments: StoreKind.allCases)
    func `serials count from 1 in each realm and are never given twice`(kind: StoreKind) async throws {
        try await kind.withStore { store in
            try await store.insert(accounts: 1...2)
            try await store.insert(accounts: 3...3, realm: "two")
            let next = try await store.write { store in
                try store.erase(Sample.id(2))
                return [
                    try store.insert(Sample.account(4)).serial, try store.nextSerial(realm: "one"),
                    try store.insert(Sample.account(5)).serial,
                    try store.insert(Sample.account(6, realm: "two")).serial, try store.nextSerial(realm: "three"),
                ]
            }
            #expect(next == [3, 4, 5, 2, 1])
        }
    }

    @Test(arguments: StoreKind.allCases)
    func `an imported serial is kept and later ones go on above it`(kind: StoreKind) async throws {
        try await kind.withStore { store in
            let serials = try await store.write { store in
                try ([40, 0, 12, 0] as [Int64]).enumerated().map { number, serial in
                    var account = Sample.account(number)
                    account.serial = serial
                    return try store.insert(account).serial
                }
            }
            #expect(serials == [40, 41, 12, 42])
            await #expect(throws: StoreError.self) {
                var account = Sample.account(9)
                account.serial = 41
                _ = try await store.write { [account] in try $0.insert(account) }
            }
        }
    }

    @Test(arguments: StoreKind.allCases)
    func `an identifier is taken in any letter case, e-mail before username before phone, and no serial is used`(kind: StoreKind)
        async throws
    {
        try await kind.withStore { store in
            _ = try await store.write { try $0.insert(Self.full) }
            let taken = try await store.write { store in
                let tries: [(String, String?, String?)] = [
                    ("ANN@EXAMPLE.COM", "ANN", "+4912345"), ("b@example.com", "ann", "+4912345"), ("b@example.com", "bob", "+4912345"),
                    ("b@example.com", nil, nil),
                ]
                return try tries.map { email, username, phone -> StoreError? in
                    var account = Sample.account(2, email: email)
                    account.username = username
                    account.phone = phone
                    do {
                        let stored = try store.insert(account)
                        #expect(stored.serial == 2)
                        return nil
                    } catch let error as StoreError {
                        return error
                    }
                }
            }
            #expect(taken == [.taken(.email), .taken(.username), .taken(.phone), nil])
            let count = try await store.read { try $0.accountCount(realm: "one") }
            #expect(count == 2)
        }
    }

    @Test(arguments: StoreKind.allCases)
    func `names are compared byte for byte beyond ASCII`(kind: StoreKind) async throws {
        try await kind.withStore { store in
            let names = ["\u{E9}@x", "e\u{301}@x", "\u{212A}@x", "k@x", "\u{C9}@x"]
            let serials = try await store.write { store in
                try names.enumerated().map { try store.insert(Sample.account($0, email: $1)).serial }
            }
            #expect(serials == [1, 2, 3, 4, 5])
            let found = try await store.read { store in
                try names.map { try store.account(.email, key: IdentifierKey($0), realm: "one")?.serial }
            }
            #expect(found == serials)
        }
    }

    @Test(arguments: StoreKind.allCases)
    func `a deleted account keeps its identifiers, an erased one gives them back`(kind: StoreKind) async throws {
        try await kind.withStore { store in
            try await store.insert(accounts: 1...1)
            try await store.write { store in
                var account = try #require(try store.account(id: Sample.id(1), realm: "one"))
                account.status = .deleted
                _ = try store.update(account)
            }
            let twin = Sample.account(2, email: "A1@example.com")
            await #expect(throws: StoreError.taken(.email)) { _ = try await store.write { try $0.insert(twin) } }
            let found = try await store.read { try $0.account(.email, key: IdentifierKey("a1@example.com"), realm: "one") }
            #expect(found?.status == .deleted)
            let stored = try await store.write { store in
                try store.erase(Sample.id(1))
                return try store.insert(twin)
            }
            #expect(stored.serial == 2)
        }
    }

    @Test(arguments: StoreKind.allCases)
    func `an update writes all but the account's origin, and only over the version that was read`(kind: StoreKind) async throws {
        try await kind.withStore { store in
            try await store.insert(accounts: 1...1)
            var changed = Self.full
            changed.version = 1
            changed.serial = 99
            changed.createdAt = .after(.seconds(99))
            let stored = try await store.write { [changed] in try $0.update(changed) }
            var expected = Self.full
            expected.version = 2
            expected.serial = 1
            #expect(stored == expected)
            let found = try await store.read { try $0.account(id: Sample.id(1), realm: "one") }
            #expect(found == expected)
            for stale in [changed, Sample.account(7)] {
                await #expect(throws: StoreError.conflict) { _ = try await store.write { try $0.update(stale) } }
            }
            var foreign = expected
            foreign.realm = "two"
            await #expect(throws: StoreError.conflict) { _ = try await store.write { [foreign] in try $0.update(foreign) } }
        }
    }

    @Test(arguments: StoreKind.allCases)
    func `an update moves names: old ones are free, those of others are taken`(kind: StoreKind) async throws {
        try await kind.withStore { store in
            try await store.insert(accounts: 1...2)
            try await store.write { store in
                var account = try #require(try store.account(id: Sample.id(1), realm: "one"))
                account.email = "A1@EXAMPLE.com"
                account = try store.update(account)
                account.email = "a2@example.com"
                #expect(throws: StoreError.taken(.email)) { _ = try store.update(account) }
                account.email = "new@example.com"
                account.username = "ann"
                account = try store.update(account)
                account.username = "ANN"
                account = try store.update(account)
                #expect(account.version == 4)
                #expect(try store.account(.email, key: IdentifierKey("a1@example.com"), realm: "one") == nil)
                #expect(try store.insert(Sample.account(3, email: "a1@example.com")).serial == 3)
                var other = try #require(try store.account(id: Sample.id(2), realm: "one"))
                other.username = "anN"
                #expect(throws: StoreError.taken(.username)) { _ = try store.update(other) }
            }
        }
    }

    @Test(arguments: StoreKind.allCases)
    func `several may wait for one address, and two of them are told`(kind: StoreKind) async throws {
        try await kind.withStore { store in
            try await store.write { store in
                for number in 1...3 {
                    var account = Sample.account(number)
                    account.pendingEmail = "Wanted@example.com"
                    _ = try store.insert(account)
                }
            }
            let key = IdentifierKey("wanted@example.com")
            let first = try await store.read { try $0.accounts(pendingEmail: key, realm: "one").map(\.serial) }
            #expect(first == [1, 2])
            let later = try await store.write { store in
                var account = try #require(try store.account(serial: 1, realm: "one"))
                account.pendingEmail = nil
                _ = try store.update(account)
                try store.erase(Sample.id(2))
                return try store.accounts(pendingEmail: key, realm: "one").map(\.serial)
            }
            #expect(later == [3])
        }
    }

    @Test(arguments: StoreKind.allCases)
    func `accounts are listed in pages by serial and found by the start of a name`(kind: StoreKind) async throws {
        try await kind.withStore { store in
            try await store.write { store in
                let emails = ["b@x", "a_%@x", "ab@x", "A\u{D7FF}@x", "a\u{E000}@x", "\u{10FFFF}@x"]
                for (number, email) in emails.enumerated() {
                    var account = Sample.account(number, email: email)
                    account.username = number == 0 ? "Abel" : nil
                    _ = try store.insert(account)
                }
                _ = try store.insert(Sample.account(20, email: "a@x", realm: "two"))
            }
            let pages = try await store.read { store in
                [
                    try store.accounts(realm: "one", after: 0, limit: 2, search: nil),
                    try store.accounts(realm: "one", after: 2, limit: 9, search: ""),
                    try store.accounts(realm: "one", after: 0, limit: 9, search: "A"),
                    try store.accounts(realm: "one", after: 1, limit: 1, search: "aB"),
                    try store.accounts(realm: "one", after: 0, limit: 9, search: "a_"),
                    try store.accounts(realm: "one", after: 0, limit: 9, search: "a\u{D7FF}"),
                    try store.accounts(realm: "one", after: 0, limit: 9, search: "\u{10FFFF}"),
                    try store.accounts(realm: "one", after: 0, limit: 0, search: nil),
                    try store.accounts(realm: "two", after: 0, limit: 9, search: "a"),
                    try store.accounts(realm: "one", after: 0, limit: 9, search: "zz"),
                ].map { $0.map(\.serial) }
            }
            #expect(pages == [[1, 2], [3, 4, 5, 6], [1, 2, 3, 4, 5], [3], [2], [4], [6], [], [1], []])
        }
    }

    @Test(arguments: StoreKind.allCases)
    func `an erased account takes its sessions, tokens, secrets and key along, and nobody else's`(kind: StoreKind) async throws {
        try await kind.withStore { store in
            try await store.insert(accounts: 1...2)
            try await store.write { store in
                for number in 1...2 {
                    try store.insert(Sample.session(number, account: number))
                    _ = try store.insert(Sample.token(number, account: number, session: number))
                    try store.put(Sample.secret(number, account: number))
                    try store.put(APIKeyRecord(digest: Sample.digest(number), realm: "one", account: Sample.id(number), createdAt: .start))
                }
                try store.erase(Sample.id(1))
                try store.erase(Sample.id(1))
            }
            for (number, stays) in [(1, false), (2, true)] {
                let found = try await store.read { store in
                    [
                        try store.account(id: Sample.id(number), realm: "one") != nil,
                        try store.session(id: Sample.sessionID(number)) != nil,
                        try store.token(digest: Sample.digest(number)) != nil,
                        try store.secret(account: Sample.id(number), purpose: .confirm) != nil,
                        try store.secret(digest: Sample.digest(number), purpose: .confirm) != nil,
                        try store.apiKey(digest: Sample.digest(number)) != nil,
                    ]
                }
                #expect(found == Array(repeating: stays, count: 6))
            }
        }
    }

    @Test(arguments: StoreKind.allCases)
    func `a NUL is refused wherever a text goes in, also within attributes`(kind: StoreKind) async throws {
        try await kind.withStore { store in
            let nul = "victim@x\0evil"
            var named = Sample.account(1)
            named.username = nul
            var described = Sample.account(1)
            described.attributes = ["note": .list([.string("a\0b")])]
            for account in [Sample.account(1, email: nul), named, described, Sample.account(1, realm: nul)] {
                await #expect(throws: StoreError.self) { _ = try await store.write { try $0.insert(account) } }
            }
            await #expect(throws: StoreError.self) { _ = try await store.write { try $0.count(nul, window: .seconds(1), at: .start) } }
            await #expect(throws: StoreError.self) { _ = try await store.write { try $0.enqueue(Sample.mail(nul)) } }
            await #expect(throws: StoreError.self) {
                _ = try await store.read { try $0.account(.email, key: IdentifierKey(nul), realm: "one") }
            }
        }
    }
}
