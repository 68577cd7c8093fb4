import DialectEngine
import Identity
import TestSupport
import Testing

@testable import Gateway

/// Accounts in an operator's hands.
@Suite struct AccountBookTests {
    private static func book(
        _ store: any IdentityStore, seed: UInt64, identifiers: [IdentifierKind: Folding] = [.email: .folded]
    ) -> AccountBook {
        let random = CountedRandomness(seed: seed)
        var policy = TestEngine.policy()
        policy.identifiers = identifiers
        policy.roles.known = ["user", "admin"]
        return AccountBook(
            environment: IdentityEnvironment(
                store: store, now: { Instant(seconds: 1_767_261_600) }, random: { random.bytes($0) }, hasher: TestEngine.hasher,
                commonPasswords: CommonPasswords(lines: [])),
            realm: "realm", policy: policy)
    }

    private static func draft(_ email: String, role: String = "user") -> AccountDraft {
        AccountDraft(
            slots: ["email": .string(email), "role": .string(role)], password: SecretText("a long enough password"), isConfirmed: true)
    }

    @Test func `of instances that seed at once one does, and it makes all`() async throws {
        let store = MemoryStore()
        let drafts = [Self.draft("a@example.com", role: "admin"), Self.draft("b@example.com")]
        let made = try await withThrowingTaskGroup(of: Int.self) { group in
            for number in 1...8 { group.addTask { try await Self.book(store, seed: UInt64(number)).seed(drafts).count } }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(made.sorted() == [0, 0, 0, 0, 0, 0, 0, 2])
        #expect(try await Self.book(store, seed: 9).list(after: 0, limit: 9, search: nil).map(\.role) == ["admin", "user"])
    }

    @Test func `a seed that cannot be made takes the others along`() async throws {
        let store = MemoryStore()
        let book = Self.book(store, seed: 1)
        await #expect(throws: AccountFault("the email is taken in the realm `realm`")) {
            try await book.seed([Self.draft("a@example.com"), Self.draft("A@example.com")])
        }
        #expect(try await book.count() == 0)
        #expect(try await book.seed([Self.draft("a@example.com")]).count == 1)
    }

    @Test func `a name that somebody chose to look like another's serial or phone number names nobody`() async throws {
        let book = Self.book(MemoryStore(), seed: 1, identifiers: [.email: .folded, .username: .exact, .phone: .exact])
        var names: [(email: String, username: String, phone: String)] = []
        names.append(("admin@example.com", "admin", "100"))
        names.append(("eve@example.com", "001", "101"))
        names.append(("mallory@example.com", "100", "serial:1"))
        for name in names {
            var draft = Self.draft(name.email)
            draft.slots["username"] = .string(name.username)
            draft.slots["phone"] = .string(name.phone)
            _ = try await book.create(draft)
        }
        await #expect(
            throws: AccountFault("`001` names 2 accounts: `serial:001` is admin@example.com, `username:001` is eve@example.com")
        ) { try await book.find("001") }
        await #expect(
            throws: AccountFault("`100` names 2 accounts: `username:100` is mallory@example.com, `phone:100` is admin@example.com")
        ) { try await book.find("100") }
        let admin = try await book.find("admin@example.com")
        for (name, email) in [
            ("serial:1", "admin@example.com"), ("username:001", "eve@example.com"), ("phone:100", "admin@example.com"),
            ("phone:serial:1", "mallory@example.com"), ("email:eve@example.com", "eve@example.com"), ("101", "eve@example.com"),
            ("uuid:\(admin.id)", "admin@example.com"), ("\(admin.id)", "admin@example.com"),
        ] {
            #expect(try await book.find(name).email == email, "\(name)")
        }
        await #expect(throws: AccountFault("no account of the realm `realm` is called `email:001`")) { try await book.find("email:001") }
    }

    @Test func `a realm that comes with a reload is seeded`() async throws {
        try await TestGateway.with { gateway, folder async throws -> Void in
            try folder.edit("config.yaml") {
                $0 + "\n  second:\n    dialect: pocket\n    listen: 127.0.0.1:0\n    host: second.test\n"
                    + "    seed:\n      - { email: ann@example.com, password: a horse of ann, confirmed: true }\n"
            }
            #expect(await gateway.assembly.reload().errors.isEmpty)
            let login = try await gateway.send(
                "POST", "/login", #"{"email":"ann@example.com","password":"a horse of ann"}"#, host: "second.test")
            #expect(login.status == 200)
            #expect(gateway.lines.all.contains { $0.contains("seeded an account") })
        }
    }
}
