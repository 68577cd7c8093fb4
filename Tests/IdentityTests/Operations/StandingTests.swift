import Identity
import TestSupport
import Testing

/// What outlives its request rests on the session, not on the token's time.
@Suite struct StandingTests {
    private static func caller(_ world: TestEngine, _ token: String) async throws -> Principal {
        try await world.engine.authenticate(.bearer(token), kinds: [.bearer])
    }

    @Test func `a caller still stands when the token has expired or was renewed`() async throws {
        let world = try TestEngine(TestEngine.policy { $0.renewal = .reissue(window: .seconds(86_400)) })
        let first = try await world.signedIn()
        let caller = try await Self.caller(world, first)
        #expect(try await world.engine.standing(of: caller).account.id == caller.account.id)
        #expect(await world.perform(.reissue, bearer: first).outcome == .reissued)
        #expect(await world.read(first).kind == .revokedCredential)
        #expect(try await world.engine.standing(of: caller).account.id == caller.account.id)
        world.clock.advance(.seconds(3600))
        #expect(try await world.engine.standing(of: caller).account.id == caller.account.id)
    }

    @Test func `a caller stands no more once the session has ended or the account may not be used`() async throws {
        let world = try TestEngine()
        let token = try await world.signedIn()
        let caller = try await Self.caller(world, token)
        #expect(await world.perform(.logout, bearer: token).outcome == .signedOut)
        #expect(await Self.kind { try await world.engine.standing(of: caller) } == .revokedCredential)
        let other = try await Self.caller(world, try some(await world.login().access))
        world.clock.advance(.seconds(3600))
        try await world.suspend(TestEngine.email)
        #expect(await Self.kind { try await world.engine.standing(of: other) } == .accountSuspended)
        try await world.resume(TestEngine.email)
        #expect(await Self.kind { try await world.engine.standing(of: other) } == .revokedCredential)
    }

    @Test func `an old backend's caller stands no more once its account's sessions have ended`() async throws {
        let (world, id) = try await TokenPromiseTests.world()
        let now = world.clock.now.seconds
        let token = try TokenPromiseTests.foreign(TokenPromiseTests.claims(id, iat: now, exp: now + 60))
        let caller = try await Self.caller(world, token)
        world.clock.advance(.seconds(3600))
        #expect(try await world.engine.standing(of: caller).account.id == id)
        try await world.suspend(TestEngine.email)
        try await world.resume(TestEngine.email)
        #expect(await Self.kind { try await world.engine.standing(of: caller) } == .revokedCredential)
    }

    private static func kind(_ body: () async throws -> Principal) async -> FailureKind? {
        do {
            _ = try await body()
            return nil
        } catch {
            return (error as? Failure)?.kind
        }
    }
}
