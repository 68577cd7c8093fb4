import Identity
import TestSupport
import Testing

@Suite struct RegisterTests {
    @Test func `an address that no mail can go to is told of, and a mail that the dialect does not have is not`() async throws {
        let policy = TestEngine.policy { $0.confirmation = .code(CodePolicy()) }
        for (notices, count) in [(Set<NoticeKind>([.confirm]), 1), ([], 0)] {
            let world = try TestEngine(policy) {
                $0.notices = notices
                $0.compose = { _ in nil }
            }
            #expect(await world.register().outcome == .registered)
            #expect(world.events.all.filter { $0.kind == .mailNotWritten }.count == count)
        }
    }

    @Test func `a new account is stored folded, hashed and unconfirmed, and its owner gets a proof`() async throws {
        let world = try TestEngine(TestEngine.policy { $0.confirmation = .code(CodePolicy()) })
        let registered = await world.register("Ana@Example.com")
        #expect(registered.outcome == .registered)
        let account = try #require(try await world.account("ana@example.com"))
        #expect(account.email == "ana@example.com")
        #expect(account.passwordHash?.hasPrefix("$2b$04$") == true)
        #expect(account.confirmedAt == nil)
        #expect(account.serial == 1)
        #expect(try await world.mails().map(\.recipient) == ["ana@example.com"])
    }

    @Test func `a taken address is a duplicate in the words of the rule that would have found it`() async throws {
        let world = try TestEngine()
        await world.register()
        let rule = FieldRule(slot: .email, wireName: "mail", check: .unique, message: "rules.mine")
        for rules in [[], [rule]] {
            let result = await world.perform(.register, [.email: "ANA@example.com", .password: TestEngine.password]) { $0.rules = rules }
            #expect(result.kind == .duplicate)
            #expect(result.failure?.problems.first?.message == (rules.isEmpty ? "rules.unique" : "rules.mine"))
        }
    }

    @Test func `of fifty who register one address at once one wins, and the others are told`() async throws {
        let world = try TestEngine()
        let kinds = await withTaskGroup(of: FailureKind?.self) { group in
            for _ in 0..<50 { group.addTask { await world.register().kind } }
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(kinds.filter { $0 == nil }.count == 1)
        #expect(kinds.filter { $0 == .duplicate }.count == 49)
    }

    @Test(arguments: ["admin", "ADMIN", "1", "root"])
    func `a role that may not be chosen is not given`(_ role: String) async throws {
        let policy = TestEngine.policy { $0.roles.known = ["user", "admin"] }
        let world = try TestEngine(policy)
        let result = await world.perform(.register, [.email: TestEngine.email, .password: TestEngine.password, .role: role])
        #expect(result.outcome == .registered)
        #expect(try await world.account(TestEngine.email)?.role == "user")
    }

    @Test func `roles for registration may be chosen there, and callers who may give roles give any known one`() async throws {
        let policy = TestEngine.policy {
            $0.roles.known = ["user", "visitor", "admin"]
            $0.roles.atRegistration = ["visitor"]
            $0.roles.assigners = ["admin"]
        }
        let world = try TestEngine(policy)
        _ = await world.perform(.register, [.email: "v@example.com", .password: TestEngine.password, .role: "visitor"])
        #expect(try await world.account("v@example.com")?.role == "visitor")
        let token = try await world.signedIn()
        let asUser: [Slot: String] = [.email: "a@example.com", .password: TestEngine.password, .role: "admin"]
        _ = await world.perform(.register, asUser, bearer: token)
        #expect(try await world.account("a@example.com")?.role == "user")
        try await world.edit(TestEngine.email) { $0.role = "admin" }
        _ = await world.perform(.register, [.email: "b@example.com", .password: TestEngine.password, .role: "admin"], bearer: token)
        #expect(try await world.account("b@example.com")?.role == "admin")
        let created = await world.perform(
            .accountCreate, [.email: "c@example.com", .password: TestEngine.password, .role: "admin"], bearer: token)
        #expect(created.outcome == .created)
        #expect(try await world.account("c@example.com")?.role == "admin")
    }

    @Test func `nobody makes accounts for others without a role that may`() async throws {
        let policy = TestEngine.policy { $0.roles.assigners = ["admin"] }
        let world = try TestEngine(policy)
        let token = try await world.signedIn()
        let result = await world.perform(.accountCreate, [.email: "c@example.com", .password: TestEngine.password], bearer: token)
        #expect(result.kind == .forbidden)
    }

    @Test func `only declared attributes that clients may write are kept, each by its type`() async throws {
        let policy = TestEngine.policy {
            $0.attributes = [
                Attribute(name: "name", kind: .string), Attribute(name: "age", kind: .int),
                Attribute(name: "trial", kind: .bool, writer: .operator),
            ]
        }
        let world = try TestEngine(policy)
        _ = await world.perform(.register, [.email: TestEngine.email, .password: TestEngine.password, Slot("name"): "Ana"]) {
            $0.slots[Slot("age")] = SlotValue(.string("7"), wireName: "age")
            $0.slots[Slot("trial")] = SlotValue(.bool(true), wireName: "trial")
            $0.slots[Slot("plan")] = SlotValue(.string("enterprise"), wireName: "plan")
        }
        #expect(try await world.account(TestEngine.email)?.attributes == ["name": .string("Ana")])
    }

    @Test func `registration that signs in gives a token and a key, and the key is shown once`() async throws {
        let policy = TestEngine.policy {
            $0.registration.signsIn = true
            $0.registration.apiKey = true
            $0.plans = Policy.Plans(standard: "free", limits: ["free": 100])
        }
        let world = try TestEngine(policy)
        let result = await world.register()
        #expect(result.outcome == .registeredAndSignedIn)
        let key = try #require(result.facts.apiKey)
        #expect(key.hasPrefix("test_") && key.utf8.count == 69)
        #expect(result.facts.account?.account.usageLimit == 100)
        let read = await world.perform(.apiKeyRead) {
            $0.credential = .apiKey(key)
            $0.credentialKinds = [.apiKey]
        }
        #expect(read.outcome == .found)
        #expect(read.facts.apiKey == nil)
        #expect(await world.read(try some(result.access)).outcome == .found)
    }

    @Test func `where accounts are hidden a taken address is answered like a free one, and its owner is told`() async throws {
        let policy = TestEngine.policy {
            $0.existence = .hide
            $0.idCodec = .serial
        }
        let world = try TestEngine(policy)
        await world.register()
        let again = await world.register("ANA@example.com")
        #expect(again.outcome == .registered)
        #expect(again.facts.account?.wireID == .int(2))
        #expect(again.facts.account?.account.createdAt == world.clock.now)
        #expect(try await world.mails().map { [$0.kind.rawValue, $0.recipient] } == [["already-registered", TestEngine.email]])
        await world.register("next@example.com")
        #expect(try await world.account("next@example.com")?.serial == 3)
    }

    @Test func `chosen names are told even where accounts are hidden`() async throws {
        let policy = TestEngine.policy {
            $0.existence = .hide
            $0.identifiers = [.email: .folded, .username: .exact]
        }
        let world = try TestEngine(policy)
        _ = await world.perform(.register, [.email: "a@example.com", .password: TestEngine.password, .username: "ana"])
        for email in ["a@example.com", "b@example.com"] {
            let result = await world.perform(.register, [.email: email, .password: TestEngine.password, .username: "Ana"])
            #expect(result.failure?.problems.map(\.slot) == [.username])
        }
    }

    @Test func `where a token would tell, hidden registration answers free and taken addresses without an account`() async throws {
        let policy = TestEngine.policy {
            $0.existence = .hide
            $0.registration.signsIn = true
        }
        let world = try TestEngine(policy)
        for _ in 0..<2 {
            let result = await world.register()
            #expect(result.outcome == .registrationPending)
            #expect(result.facts.account == nil && result.facts.token == nil)
        }
    }

    @Test func `a text with NUL is malformed`() async throws {
        let world = try TestEngine()
        #expect(await world.register("a\0@example.com").kind == .malformed)
        #expect(await world.register(password: "long enough\0").kind == .malformed)
    }

    @Test(arguments: Policy.PasswordPolicy.Blocklist.allCases)
    func `a common password is refused, reported or taken, as the policy says`(_ blocklist: Policy.PasswordPolicy.Blocklist) async throws {
        let world = try TestEngine(TestEngine.policy { $0.password.blocklist = blocklist })
        let result = await world.perform(.register, [.email: TestEngine.email, .password: "Password123"]) {
            $0.rules = [FieldRule(slot: .password, wireName: "password", check: .uncommon)]
        }
        #expect(result.failure?.problems.map(\.rule) == (blocklist == .refuse ? ["uncommon"] : nil))
        #expect(world.events.all.contains { if case .commonPassword = $0 { true } else { false } } == (blocklist == .warn))
    }

    @Test func `without address or password nothing is stored`() async throws {
        let world = try TestEngine()
        #expect(await world.perform(.register, [.password: TestEngine.password]).kind == .missing)
        #expect(await world.perform(.register, [.email: TestEngine.email]).kind == .missing)
    }
}
