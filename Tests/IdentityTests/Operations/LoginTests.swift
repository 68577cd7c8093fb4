import Identity
import TestSupport
import Testing

@Suite struct LoginTests {
    @Test func `the right password signs in, and the token says who`() async throws {
        let world = try TestEngine()
        await world.register()
        let login = await world.login()
        #expect(login.outcome == .signedIn)
        let read = await world.read(try #require(login.access))
        #expect(read.outcome == .found)
        #expect(read.facts.account?.account.email == TestEngine.email)
    }

    @Test func `sign-ins are counted, and do not count as changes`() async throws {
        let world = try TestEngine()
        await world.register()
        let first = world.clock.now
        _ = await world.login()
        world.clock.advance(.seconds(60))
        let account = try #require(await world.login().facts.account?.account)
        #expect(account.signInCount == 2)
        #expect(account.firstSignInAt == first)
        #expect(account.lastSignInAt == world.clock.now)
        #expect(account.updatedAt == first)
    }

    @Test func `an unknown account and a wrong password are told apart only where accounts are revealed`() async throws {
        for (existence, kinds) in [
            (Policy.Existence.reveal, [FailureKind.wrongPassword, .unknownAccount]), (.hide, [.refused, .refused]),
        ] {
            let world = try TestEngine(TestEngine.policy { $0.existence = existence })
            await world.register()
            #expect(await world.login(password: "wrong").kind == kinds[0])
            #expect(await world.login("nobody@example.com", password: "wrong").kind == kinds[1])
        }
    }

    @Test func `suspension and a missing confirmation are told only after the right password`() async throws {
        let policy = TestEngine.policy {
            $0.confirmation = .code(CodePolicy())
            $0.loginWaitsForConfirmation = true
        }
        let world = try TestEngine(policy)
        await world.register()
        #expect(await world.login(password: "wrong").kind == .wrongPassword)
        #expect(await world.login().kind == .unconfirmed)
        try await world.edit(TestEngine.email) { $0.status = .suspended }
        #expect(await world.login(password: "wrong").kind == .wrongPassword)
        #expect(await world.login().kind == .suspended)
    }

    @Test func `deleted accounts and accounts without a password cannot sign in`() async throws {
        let world = try TestEngine()
        await world.register()
        try await world.edit(TestEngine.email) { $0.status = .deleted }
        #expect(await world.login().kind == .unknownAccount)
        try await world.edit(TestEngine.email) {
            $0.status = .active
            $0.passwordHash = nil
        }
        #expect(await world.login().kind == .wrongPassword)
    }

    @Test func `a login refused as unconfirmed mails a fresh proof, but not at once again`() async throws {
        let policy = TestEngine.policy {
            $0.confirmation = .code(CodePolicy())
            $0.loginWaitsForConfirmation = true
            $0.unconfirmedLoginRemailsAfter = .seconds(60)
        }
        let world = try TestEngine(policy)
        await world.register()
        _ = await world.login()
        #expect(try await world.mails(.confirm).count == 1)
        world.clock.advance(.seconds(60))
        _ = await world.login()
        #expect(try await world.mails(.confirm).count == 2)
    }

    @Test func `exact identifiers are looked up as typed, folded ones in any letter case`() async throws {
        for (folding, kind) in [(Folding.exact, FailureKind.unknownAccount), (.folded, nil)] {
            let world = try TestEngine(TestEngine.policy { $0.identifiers = [.email: folding] })
            await world.register()
            #expect(await world.login("ANA@example.com").kind == kind)
            #expect(await world.login().kind == nil)
        }
    }

    @Test func `one identifier slot takes an address or a username`() async throws {
        let policy = TestEngine.policy {
            $0.identifiers = [.email: .exact, .username: .exact]
            $0.signInBy = [.email, .username]
        }
        let world = try TestEngine(policy)
        _ = await world.perform(.register, [.email: TestEngine.email, .password: TestEngine.password, .username: "ana"])
        for name in ["ana", TestEngine.email] {
            #expect(await world.perform(.login, [.identifier: name, .password: TestEngine.password]).outcome == .signedIn)
        }
    }

    @Test func `a hash of a lower cost is renewed at login`() async throws {
        let store = MemoryStore()
        await (try TestEngine(store: store)).register()
        let world = try TestEngine(TestEngine.policy { $0.password.scheme = PasswordScheme(cost: 5, variant: "2y") }, store: store)
        #expect(await world.login().outcome == .signedIn)
        #expect(try await world.account(TestEngine.email)?.passwordHash?.hasPrefix("$2y$05$") == true)
        #expect(await world.login().outcome == .signedIn)
    }

    @Test func `a broken stored hash never matches, and is reported`() async throws {
        let world = try TestEngine()
        await world.register()
        try await world.edit(TestEngine.email) { $0.passwordHash = "*0" }
        #expect(await world.login().kind == .wrongPassword)
        #expect(world.events.all.contains { if case .brokenHash = $0 { true } else { false } })
    }

    @Test func `two tokens of one second differ even where claims hold no jti`() async throws {
        let world = try TestEngine(jti: nil)
        let first = try await world.signedIn()
        #expect(await world.perform(.logout, bearer: first).outcome == .signedOut)
        let second = try #require(await world.login().access)
        #expect(second != first)
        #expect(await world.read(second).outcome == .found)
        #expect(await world.read(first).kind == .revokedCredential)
        #expect(await world.login().facts.token?.expiresIn == 3600)
    }

    @Test func `with no room in the hash queue a login is told to come again`() async throws {
        let hasher = PasswordHasher(cores: 1, waitingLimit: 1)
        let world = try TestEngine(hasher: hasher)
        await world.register()
        await hasher.stop()
        let result = await world.login()
        #expect(result.kind == .unavailable)
        #expect(result.failure?.retryAfter.map { $0 >= .seconds(1) } == true)
    }
}
