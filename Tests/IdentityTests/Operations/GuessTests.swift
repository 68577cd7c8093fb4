import Identity
import TestSupport
import Testing

/// Section 5 of the promises: H1 to H5.
@Suite struct GuessTests {
    @Test func `ten wrong passwords lock for fifteen minutes, also against the right one`() async throws {
        let world = try TestEngine()
        await world.register()
        for _ in 0..<9 { #expect(await world.login(password: "wrong").kind == .wrongPassword) }
        world.clock.advance(.seconds(600))
        #expect(await world.login(password: "wrong").kind == .wrongPassword)
        let locked = await world.login()
        #expect(locked.kind == .locked)
        #expect(locked.failure?.retryAfter == .seconds(900))
        world.clock.advance(.seconds(899))
        #expect(await world.login().kind == .locked)
        world.clock.advance(.seconds(1))
        #expect(await world.login().outcome == .signedIn)
    }

    @Test func `a name that nobody has locks just the same`() async throws {
        let world = try TestEngine()
        for _ in 0..<10 { #expect(await world.login("nobody@example.com", password: "wrong").kind == .unknownAccount) }
        #expect(await world.login(" Nobody@Example.com", password: "wrong").kind == .locked)
    }

    @Test func `all names and spellings of an account share one count`() async throws {
        let policy = TestEngine.policy {
            $0.identifiers = [.email: .folded, .username: .folded]
            $0.signInBy = [.email, .username]
        }
        let world = try TestEngine(policy)
        _ = await world.perform(.register, [.email: TestEngine.email, .password: TestEngine.password, .username: "ana"])
        for name in ["ana", "ANA", "Ana", "aNa", "anA", "ana@example.com", "ANA@example.com", "Ana@Example.com", "ana", "ana"] {
            #expect(await world.perform(.login, [.identifier: name, .password: "wrong"]).kind == .wrongPassword)
        }
        #expect(await world.perform(.login, [.identifier: "ana", .password: TestEngine.password]).kind == .locked)
    }

    @Test(
        arguments: [
            ("Ana@example.com", "ana@example.com"), ("\u{1}ana@example.com ", "ana@example.com"), ("NEW@example.com", "new@example.com"),
        ])
    func `a spelling that finds nobody locks a name that somebody has like one that nobody has`(spelling: String, name: String) async throws
    {
        let policy = TestEngine.policy {
            $0.identifiers = [.email: .exact]
            $0.existence = .hide
            $0.emailChange = .pending
        }
        let (empty, world) = (try TestEngine(policy), try TestEngine(policy))
        let token = try await world.signedIn()
        #expect(await world.perform(.accountUpdate, [.email: "new@example.com"], bearer: token).outcome == .updated)
        for world in [empty, world] {
            #expect(await world.login(name, password: "wrong").kind == .refused)
            for _ in 0..<9 { #expect(await world.login(spelling, password: "wrong").kind == .refused) }
            #expect(await world.login(name, password: "wrong").kind == .locked)
        }
        #expect(await world.login().kind == .locked)
    }

    @Test func `two hundred guesses at once are ten`() async throws {
        let world = try TestEngine()
        await world.register()
        let kinds = await withTaskGroup(of: FailureKind?.self) { group in
            for _ in 0..<200 { group.addTask { await world.login(password: "wrong").kind } }
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(kinds.filter { $0 == .wrongPassword }.count == 10)
        #expect(kinds.filter { $0 == .locked }.count == 190)
    }

    @Test func `the right password forgets the wrong ones before it`() async throws {
        let world = try TestEngine()
        await world.register()
        for _ in 0..<3 {
            for _ in 0..<9 { _ = await world.login(password: "wrong") }
            #expect(await world.login().outcome == .signedIn)
        }
    }

    @Test func `counts survive the engine, and a lock ends no session`() async throws {
        let store = MemoryStore()
        let world = try TestEngine(store: store)
        let token = try await world.signedIn()
        for _ in 0..<10 { _ = await world.login(password: "wrong") }
        let next = try TestEngine(store: store, seed: 2)
        #expect(await next.login().kind == .locked)
        #expect(await next.read(token).outcome == .found)
    }

    @Test func `wrong current passwords count at the same door`() async throws {
        let world = try TestEngine()
        let token = try await world.signedIn()
        for _ in 0..<10 {
            let result = await world.perform(.passwordChange, [.currentPassword: "wrong", .password: "another password"], bearer: token)
            #expect(result.failure?.problems.map(\.rule) == ["current"])
        }
        #expect(
            await world.perform(
                .passwordChange, [.currentPassword: TestEngine.password, .password: "another password"], bearer: token
            ).kind == .locked)
        #expect(await world.login().kind == .locked)
    }

    @Test func `one address that fails for many names is refused for all`() async throws {
        let world = try TestEngine(TestEngine.policy { $0.guesses.failuresPerAddress = 5 })
        await world.register()
        for number in 0..<5 {
            _ = await world.perform(.login, [.email: "n\(number)@example.com", .password: "wrong"]) { $0.network = "192.0.2.1" }
        }
        let same = await world.perform(.login, [.email: TestEngine.email, .password: TestEngine.password]) { $0.network = "192.0.2.1" }
        #expect(same.kind == .locked)
        let other = await world.perform(.login, [.email: TestEngine.email, .password: TestEngine.password]) { $0.network = "192.0.2.2" }
        #expect(other.outcome == .signedIn)
    }

    @Test func `a guess that found the hash queue full was none`() async throws {
        let store = MemoryStore()
        let world = try TestEngine(store: store)
        let token = try await world.signedIn()
        let hasher = PasswordHasher(cores: 1, waitingLimit: 1)
        await hasher.stop()
        let busy = try TestEngine(store: store, seed: 2, hasher: hasher)
        for _ in 0..<9 { #expect(await world.login(password: "wrong").kind == .wrongPassword) }
        for _ in 0..<20 {
            #expect(await busy.login().kind == .unavailable)
            let change = [Slot.currentPassword: TestEngine.password, .password: PasswordResetTests.new]
            #expect(await busy.perform(.passwordChange, change, bearer: token).kind == .unavailable)
        }
        let counted = try await store.read { store in
            let id = try store.account(.email, key: IdentifierKey(TestEngine.email), realm: "realm")?.id.description ?? ""
            return [try store.counter("guesses/realm/\(id)")?.count, try store.counter("streak/realm/\(id)")?.count]
        }
        #expect(counted == [9, 9])
        #expect(await world.login().outcome == .signedIn)
    }

    @Test func `from the hundredth wrong password in a row on each one locks for longer, and never for ever`() async throws {
        let world = try TestEngine()
        await world.register()
        for _ in 0..<9 {
            for _ in 0..<11 { if await world.login(password: "wrong").kind == .locked { world.clock.advance(.seconds(900)) } }
        }
        // Ninety have been wrong, and one window has begun.
        world.clock.advance(.seconds(900))
        for _ in 0..<10 { #expect(await world.login(password: "wrong").kind == .wrongPassword) }
        #expect(await world.login().failure?.retryAfter == .seconds(3600))
        world.clock.advance(.seconds(3600))
        let kinds = await withTaskGroup(of: FailureKind?.self) { group in
            for _ in 0..<20 { group.addTask { await world.login(password: "wrong").kind } }
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(kinds.filter { $0 == .wrongPassword }.count == 1)
        #expect(await world.login().failure?.retryAfter == .seconds(86_400))
        world.clock.advance(.seconds(86_400))
        #expect(await world.login().outcome == .signedIn)
        for _ in 0..<9 { #expect(await world.login(password: "wrong").kind == .wrongPassword) }
        #expect(await world.login().outcome == .signedIn)
    }

    @Test(arguments: [(10, 900), (100, 3600), (101, 86_400)])
    func `a lock that began under a clock ahead ends after its length, and no guess is forgotten`(guesses: Int, length: Int64) async throws
    {
        let store = MemoryStore()
        let (ahead, world) = (try TestEngine(store: store), try TestEngine(store: store, seed: 2))
        await ahead.register()
        ahead.clock.advance(.seconds(30 * 86_400))
        var wrong = 0
        while wrong < guesses {
            if await ahead.login(password: "wrong").kind == .wrongPassword { wrong += 1 } else { ahead.clock.advance(.seconds(900)) }
        }
        #expect(await world.login().failure?.retryAfter == .seconds(length))
        world.clock.advance(.seconds(length - 1))
        #expect(await world.login().kind == .locked)
        world.clock.advance(.seconds(1))
        #expect(await world.login().outcome == .signedIn)
    }

    @Test func `guesses under a clock ahead still count when it is set back, for a window at most`() async throws {
        let store = MemoryStore()
        let (ahead, world) = (try TestEngine(store: store), try TestEngine(store: store, seed: 2))
        await ahead.register()
        ahead.clock.advance(.seconds(86_400))
        for _ in 0..<6 { #expect(await ahead.login(password: "wrong").kind == .wrongPassword) }
        for _ in 0..<4 { #expect(await world.login(password: "wrong").kind == .wrongPassword) }
        #expect(await world.login().failure?.retryAfter == .seconds(900))
        world.clock.advance(.seconds(900))
        #expect(await world.login().outcome == .signedIn)
    }

    @Test func `an address that was locked under a clock ahead is free after a window`() async throws {
        let store = MemoryStore()
        let policy = TestEngine.policy { $0.guesses.failuresPerAddress = 5 }
        let (ahead, world) = (try TestEngine(policy, store: store), try TestEngine(policy, store: store, seed: 2))
        await ahead.register()
        ahead.clock.advance(.seconds(86_400))
        let from = "192.0.2.1"
        for number in 0..<5 {
            _ = await ahead.perform(.login, [.email: "n\(number)@example.com", .password: "wrong"]) { $0.network = from }
        }
        let login = { await world.perform(.login, [.email: TestEngine.email, .password: TestEngine.password]) { $0.network = from } }
        #expect(await login().failure?.retryAfter == .seconds(900))
        world.clock.advance(.seconds(900))
        #expect(await login().outcome == .signedIn)
    }

    @Test func `wrong confirmation codes count by address, whosever they are`() async throws {
        let policy = TestEngine.policy {
            $0.confirmation = .code(CodePolicy())
            $0.guesses.failuresPerAddress = 4
        }
        let world = try TestEngine(policy)
        await world.register()
        let code = try #require(try await world.mail(.confirm)?.code)
        let confirm = { (email: String, code: String, network: String) in
            await world.perform(.emailConfirm, [.email: email, .code: code]) { $0.network = network }
        }
        let wrong = code == "000000" ? "000001" : "000000"
        for _ in 0..<2 {
            #expect(await confirm(TestEngine.email, wrong, "192.0.2.1").kind == .wrongCode)
            #expect(await confirm("nobody@example.com", wrong, "192.0.2.1").kind == .unknownAccount)
        }
        let refused = await confirm(TestEngine.email, code, "192.0.2.1")
        #expect(refused.kind == .locked && refused.failure?.retryAfter == .seconds(900))
        #expect(await confirm(TestEngine.email, code, "192.0.2.2").outcome == .confirmed)
    }

    @Test func `realms do not lock each other`() async throws {
        let store = MemoryStore()
        let one = try TestEngine(realm: "one", store: store)
        let two = try TestEngine(realm: "two", store: store, seed: 2)
        await one.register()
        await two.register()
        for _ in 0..<10 { _ = await one.login(password: "wrong") }
        #expect(await one.login().kind == .locked)
        #expect(await two.login().outcome == .signedIn)
    }
}
