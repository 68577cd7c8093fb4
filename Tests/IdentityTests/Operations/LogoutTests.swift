import Identity
import TestSupport
import Testing

@Suite struct LogoutTests {
    private static func logouts(
        _ world: TestEngine, _ tokens: [String], _ adjust: @escaping @Sendable (inout OperationRequest) -> Void = { _ in }
    ) async -> [OperationResult] {
        await withTaskGroup(of: OperationResult.self) { group in
            for token in tokens { group.addTask { await world.perform(.logout, bearer: token, adjust) } }
            return await group.reduce(into: []) { $0.append($1) }
        }
    }

    @Test(arguments: [Policy.LogoutEnds.session, .token])
    func `of fifty logouts at once with one token exactly one ends it`(ends: Policy.LogoutEnds) async throws {
        let world = try TestEngine(TestEngine.policy { $0.logoutEnds = ends })
        let token = try await world.signedIn()
        let results = await Self.logouts(world, Array(repeating: token, count: 50))
        #expect(results.count { $0.outcome == .signedOut } == 1)
        #expect(results.count { $0.kind == .revokedCredential } == 49)
    }

    @Test func `of fifty logouts at once with a token of the old backend exactly one ends it`() async throws {
        let (world, id) = try await TokenPromiseTests.world()
        let now = world.clock.now.seconds
        let token = try TokenPromiseTests.foreign(TokenPromiseTests.claims(id, iat: now, exp: now + 600))
        let results = await Self.logouts(world, Array(repeating: token, count: 50))
        #expect(results.count { $0.outcome == .signedOut } == 1)
        #expect(results.count { $0.kind == .revokedCredential } == 49)
    }

    @Test func `of two tokens of one session that logs out whole the second is over`() async throws {
        let world = try TestEngine(
            TestEngine.policy {
                $0.logoutEnds = .session
                $0.renewal = .reissue(window: nil)
            })
        let first = try await world.signedIn()
        let second = try #require(await world.perform(.reissue, bearer: first).access)
        let results = await Self.logouts(world, [first, second])
        #expect(results.count { $0.outcome == .signedOut } == 1)
        #expect(results.count { $0.kind == .revokedCredential } == 1)
    }

    @Test func `where a route asks for no caller every logout is answered as done`() async throws {
        let world = try TestEngine()
        let token = try await world.signedIn()
        let results = await Self.logouts(world, Array(repeating: token, count: 50)) { $0.need = .optional }
        #expect(results.allSatisfy { $0.outcome == .signedOut })
        #expect(await world.read(token).kind == .revokedCredential)
    }
}
