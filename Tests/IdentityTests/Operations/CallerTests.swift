import Identity
import TestSupport
import Testing

/// T14 of the promises, to the end: what a caller may do is judged in the transaction that does it.
@Suite struct CallerTests {
    private static let roles = TestEngine.policy {
        $0.roles.known = ["user", "admin"]
        $0.roles.assigners = ["admin"]
        $0.renewal = .reissue(window: nil)
        $0.attributes = [Attribute(name: "name", kind: .string)]
    }

    /// An admin with a token, and what happens to the account before the next write but `writes`.
    private static func admin(
        after writes: Int = 0, _ deed: @escaping @Sendable (Account, Instant, any StoreWriting) throws -> Void
    ) async throws -> (TestEngine, String) {
        let store = MeddledStore()
        let world = try TestEngine(roles, store: store)
        let token = try await world.signedIn()
        try await world.edit(TestEngine.email) { $0.role = "admin" }
        let now = world.clock.now
        store.meddle(after: writes) { store in
            guard let account = try store.account(.email, key: IdentifierKey(TestEngine.email), realm: "realm") else { return }
            try deed(account, now, store)
        }
        return (world, token)
    }

    @Sendable private static func demote(_ account: Account, _ now: Instant, _ store: any StoreWriting) throws {
        var account = account
        account.role = "user"
        _ = try store.update(account)
    }

    @Sendable private static func endSessions(_ account: Account, _ now: Instant, _ store: any StoreWriting) throws {
        try store.endSessions(of: account.id, except: nil, at: now)
    }

    @Sendable private static func suspend(_ account: Account, _ now: Instant, _ store: any StoreWriting) throws {
        _ = try store.suspend(account, at: now)
    }

    @Test func `a demoted admin cannot undo the demotion by asking for the role of before`() async throws {
        let (world, token) = try await Self.admin(Self.demote)
        let name = Slot("name")
        #expect(await world.perform(.accountUpdate, [.role: "admin", name: "Ana"], bearer: token).outcome == .updated)
        let account = try #require(try await world.account(TestEngine.email))
        #expect(account.role == "user" && account.attributes["name"] == .string("Ana"))
    }

    @Test func `who is no admin any more makes no account and gives no role`() async throws {
        let other: [Slot: String] = [.email: "bob@example.com", .password: TestEngine.password, .role: "admin"]
        let (world, token) = try await Self.admin(Self.demote)
        #expect(await world.perform(.accountCreate, other, bearer: token).kind == .forbidden)
        #expect(try await world.account("bob@example.com") == nil)
        let (second, its) = try await Self.admin(Self.demote)
        #expect(await second.perform(.register, other, bearer: its).outcome == .registered)
        #expect(try await second.account("bob@example.com")?.role == "user")
        let (third, old) = try await Self.admin(Self.endSessions)
        #expect(await third.perform(.register, other, bearer: old).outcome == .registered)
        #expect(try await third.account("bob@example.com")?.role == "user")
    }

    @Test(arguments: [OperationName.accountUpdate, .accountCreate, .accountDelete, .apiKeyRotate, .reissue])
    func `a session that ends, or an account that is suspended, while a request runs, changes nothing any more`(
        _ operation: OperationName
    ) async throws {
        let slots: [Slot: String] = [.email: "bob@example.com", .password: TestEngine.password]
        for (deed, kind) in [(Self.endSessions, FailureKind.revokedCredential), (Self.suspend, .accountSuspended)] {
            let (world, token) = try await Self.admin(deed)
            let result = await world.perform(operation, operation == .accountCreate ? slots : [:], bearer: token)
            #expect(result.kind == kind)
            #expect(try await world.account(TestEngine.email) != nil)
            #expect(try await world.account("bob@example.com") == nil)
        }
    }

    @Test func `a password is not changed by a session that ended meanwhile`() async throws {
        // Two writes before: the guess is counted, and then forgiven.
        let (world, token) = try await Self.admin(after: 2, Self.endSessions)
        #expect(await PasswordChangeTests.change(world, token).kind == .revokedCredential)
        #expect(await world.login().outcome == .signedIn)
    }

    @Test func `an old backend's token makes nothing once all sessions have ended`() async throws {
        let (world, _) = try await Self.admin { account, now, store in
            var account = account
            account.sessionsEndedAt = now
            _ = try store.update(account)
        }
        let id = try #require(try await world.account(TestEngine.email)).id
        let now = world.clock.now.seconds
        let token = try TokenPromiseTests.foreign(TokenPromiseTests.claims(id, iat: now, exp: now + 600))
        #expect(await world.perform(.apiKeyRotate, bearer: token).kind == .revokedCredential)
    }

    @Test func `a route's role is judged again, too`() async throws {
        let (world, token) = try await Self.admin(Self.demote)
        #expect(await world.perform(.apiKeyRotate, bearer: token) { $0.roles = ["admin"] }.kind == .forbidden)
    }

    @Test func `an API key that was replaced meanwhile makes no new one`() async throws {
        let store = MeddledStore()
        let world = try TestEngine(Self.roles, store: store)
        let key = try #require(await world.perform(.apiKeyRotate, bearer: try await world.signedIn()).facts.apiKey)
        let id = try #require(try await world.account(TestEngine.email)).id
        let now = world.clock.now
        store.meddle { store in
            try store.put(APIKeyRecord(digest: Digest(bytes: Array(repeating: 7, count: 32)), realm: "realm", account: id, createdAt: now))
        }
        let result = await world.perform(.apiKeyRotate) {
            $0.credential = .apiKey(key)
            $0.credentialKinds = [.apiKey]
        }
        #expect(result.kind == .badKey)
    }

    @Test func `suspension ends sessions, tells so as long as it lasts, and gives no token back`() async throws {
        let world = try TestEngine(TestEngine.policy { $0.renewal = .staticToken }, refresh: true)
        await world.register()
        let first = try #require(await world.login().access)
        let signedIn = await world.login()
        let token = try #require(signedIn.access)
        let id = try #require(try await world.account(TestEngine.email)).id
        let now = world.clock.now.seconds
        let foreign = try TokenPromiseTests.foreign(TokenPromiseTests.claims(id, iat: now, exp: now + 600))
        #expect(await world.perform(.logout, bearer: first).outcome == .signedOut)
        world.clock.advance(.seconds(1))
        try await world.suspend(TestEngine.email)
        for token in [token, foreign] { #expect(await world.read(token).kind == .accountSuspended) }
        #expect(await RefreshTests.refresh(world, try some(signedIn.refresh)).kind == .accountSuspended)
        #expect(await world.read(first).kind == .revokedCredential)
        try await world.resume(TestEngine.email)
        for token in [token, foreign] { #expect(await world.read(token).kind == .revokedCredential) }
        #expect(await RefreshTests.refresh(world, try some(signedIn.refresh)).kind == .revokedCredential)
        #expect(await world.login().outcome == .signedIn)
    }

    @Test func `a wrong current password deletes nothing, and none is asked for where the dialect does not`() async throws {
        let world = try TestEngine()
        let token = try await world.signedIn()
        #expect(await world.perform(.accountDelete, [.currentPassword: "wrong"], bearer: token).kind == .invalid)
        #expect(await world.perform(.accountDelete, [.currentPassword: TestEngine.password], bearer: token).outcome == .deleted)
    }
}
