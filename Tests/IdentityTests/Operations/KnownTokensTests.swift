import Identity
import TestSupport
import Testing

@Suite struct KnownTokensTests {
    /// Somebody whose old backend's tokens are shown here: one was, so the account is remembered.
    private static func world() async throws -> (world: TestEngine, token: (Int64) throws -> String) {
        let (world, id) = try await TokenPromiseTests.world()
        let now = world.clock.now.seconds
        let token = { (age: Int64) in try TokenPromiseTests.foreign(TokenPromiseTests.claims(id, iat: now - age, exp: now + 600)) }
        #expect(await world.read(try token(100)).outcome == .found)
        return (world, token)
    }

    private static func atOnce(_ world: TestEngine, _ token: String) throws -> Account? {
        guard case .holds(let entry, _) = try world.engine.glance(at: .bearer(token), kinds: [.bearer]) else { return nil }
        return entry.principal.account
    }

    @Test func `a token that nobody here recorded is judged from memory, once all records are known`() async throws {
        let (world, token) = try await Self.world()
        #expect(try Self.atOnce(world, token(1)) == nil)
        try await world.known.fill(from: world.store)
        #expect(try Self.atOnce(world, token(1))?.email == TestEngine.email)
        #expect(throws: Failure.self) { try Self.atOnce(world, token(1) + "x") }
        world.known.distrust()
        #expect(try Self.atOnce(world, token(2)) == nil)
    }

    @Test func `accounts that were read at the start need no look at the store`() async throws {
        let (world, id) = try await TokenPromiseTests.world()
        try await world.known.fill(from: world.store)
        let now = world.clock.now.seconds
        let token = try TokenPromiseTests.foreign(TokenPromiseTests.claims(id, iat: now, exp: now + 600))
        #expect(try Self.atOnce(world, token) == nil)
        try await world.engine.rememberAccounts()
        #expect(try Self.atOnce(world, token)?.id == id)
        try await world.suspend(TestEngine.email)
        #expect(try Self.atOnce(world, token) == nil)
    }

    @Test func `T12: one that was signed out is asked of the store, and refused`() async throws {
        let (world, token) = try await Self.world()
        try await world.known.fill(from: world.store)
        #expect(try Self.atOnce(world, token(1)) != nil)
        #expect(await world.perform(.logout, bearer: try token(1)).outcome == .signedOut)
        #expect(try Self.atOnce(world, token(1)) == nil)
        #expect(await world.read(try token(1)).kind == .revokedCredential)
    }

    @Test func `a token that was issued here is never judged without its record`() async throws {
        let (world, _) = try await Self.world()
        try await world.known.fill(from: world.store)
        let own = try #require(await world.login().access)
        #expect(try Self.atOnce(world, own) == nil)
    }

    @Test func `whoever was suspended, deleted or signed out everywhere does not pass from memory`() async throws {
        let (world, token) = try await Self.world()
        try await world.known.fill(from: world.store)
        #expect(try Self.atOnce(world, token(1)) != nil)
        try await world.suspend(TestEngine.email)
        #expect(try Self.atOnce(world, token(2)) == nil)
        #expect(await world.read(try token(2)).kind == .accountSuspended)
        try await world.resume(TestEngine.email)
        #expect(await world.read(try token(3)).kind == .revokedCredential)
        #expect(try Self.atOnce(world, token(4)) == nil)
    }

    @Test func `an expired token and a token of another key are refused without the store`() async throws {
        let (world, id) = try await TokenPromiseTests.world()
        try await world.known.fill(from: world.store)
        let now = world.clock.now.seconds
        let old = try TokenPromiseTests.foreign(TokenPromiseTests.claims(id, iat: now - 600, exp: now - 1))
        let strange = try TokenPromiseTests.foreign(
            TokenPromiseTests.claims(id, iat: now, exp: now + 600), secret: "another secret of 32 bytes or so")
        for token in [old, strange] { #expect(throws: Failure.self) { try Self.atOnce(world, token) } }
    }

    @Test func `of a hundred strangers hardly one is taken for recorded, and of those recorded none for a stranger`() async throws {
        let known = KnownTokens()
        try await known.fill(from: MemoryStore())
        let random = CountedRandomness(seed: 7)
        let (noted, others) = (
            (0..<50_000).map { _ in Digest(bytes: random.bytes(32)) }, (0..<10_000).map { _ in Digest(bytes: random.bytes(32)) }
        )
        known.note(noted)
        #expect(noted.allSatisfy(known.mayHold))
        #expect(others.filter(known.mayHold).count < 300)
    }

    @Test func `more tokens than there is room for are read again, and beyond its limit all are asked of the store`() async throws {
        let (world, _) = try await TokenPromiseTests.world()
        let random = CountedRandomness(seed: 8)
        let stranger = Digest(bytes: random.bytes(32))
        let known = KnownTokens()
        try await known.fill(from: world.store)
        #expect(!known.mayHold(stranger))
        for _ in 0..<70_000 { known.note([Digest(bytes: random.bytes(32))]) }
        #expect(known.mayHold(stranger) && known.wantsReading)
        try await known.fill(from: world.store)
        #expect(!known.mayHold(stranger))
        let small = KnownTokens(limit: 1000)
        try await small.fill(from: world.store)
        #expect(small.mayHold(stranger) && !small.wantsReading)
    }
}
