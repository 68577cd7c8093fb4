import Identity
import TestSupport
import Testing

/// F1 to F6 of the promises.
@Suite struct RefreshTests {
    static func refresh(_ world: TestEngine, _ token: String) async -> OperationResult {
        await world.perform(.refresh, [.refreshToken: token])
    }

    static func world(_ renewal: Policy.Renewal, jti: TokenProfile.JTIForm? = .uuid) async throws -> (TestEngine, IssuedTokens) {
        let world = try TestEngine(TestEngine.policy { $0.renewal = renewal }, refresh: true, jti: jti)
        await world.register()
        return (world, try #require(await world.login().facts.token))
    }

    @Test func `a static refresh token gives access tokens of its session until its end`() async throws {
        let (world, tokens) = try await Self.world(.staticToken)
        let refresh = try #require(tokens.refresh)
        let first = await Self.refresh(world, refresh)
        #expect(first.outcome == .refreshed)
        #expect(first.refresh == nil)
        #expect(first.access != tokens.access)
        world.clock.advance(.seconds(30 * 86_400 - 1))
        let last = try #require(await Self.refresh(world, refresh).access)
        world.clock.advance(.seconds(1))
        #expect(await Self.refresh(world, refresh).kind == .expiredCredential)
        #expect(await world.read(last).outcome == .found)
    }

    @Test func `an access token does not refresh, and a refresh token is no bearer token`() async throws {
        let (world, tokens) = try await Self.world(.staticToken)
        #expect(await Self.refresh(world, tokens.access).kind == .wrongType)
        #expect(await world.read(try some(tokens.refresh)).kind == .wrongType)
        #expect(await world.perform(.refresh).kind == .noCredential)
    }

    @Test func `a refresh token that was not issued here is refused`() async throws {
        let (world, _) = try await Self.world(.staticToken)
        let id = try #require(try await world.account(TestEngine.email)).id
        let now = world.clock.now.seconds
        let claims = TokenPromiseTests.claims(id, iat: now, exp: now + 60) + [.init("type", .string("refresh"))]
        #expect(await Self.refresh(world, try TokenPromiseTests.foreign(claims)).kind == .revokedCredential)
    }

    @Test func `logout with a refresh token ends it and all that came of it`() async throws {
        let (world, tokens) = try await Self.world(.staticToken)
        let refresh = try #require(tokens.refresh)
        let minted = try #require(await Self.refresh(world, refresh).access)
        #expect(await world.perform(.logout, [.refreshToken: refresh], bearer: tokens.access).outcome == .signedOut)
        #expect(await Self.refresh(world, refresh).kind == .revokedCredential)
        #expect(await world.read(minted).kind == .revokedCredential)
    }

    @Test func `logout with somebody else's refresh token ends nothing of theirs`() async throws {
        let policy = TestEngine.policy {
            $0.renewal = .staticToken
            $0.logoutEnds = .token
        }
        let world = try TestEngine(policy, refresh: true)
        let mine = try await world.signedIn()
        await world.register("other@example.com")
        let theirs = try #require(await world.login("other@example.com").refresh)
        #expect(await world.perform(.logout, [.refreshToken: theirs], bearer: mine).outcome == .signedOut)
        #expect(await Self.refresh(world, theirs).outcome == .refreshed)
        #expect(await world.read(mine).kind == .revokedCredential)
    }

    @Test func `reset, suspension and deletion end refresh tokens`() async throws {
        let (world, tokens) = try await Self.world(.staticToken)
        let refresh = try #require(tokens.refresh)
        try await world.edit(TestEngine.email) { $0.status = .suspended }
        #expect(await Self.refresh(world, refresh).kind == .accountSuspended)
        try await world.edit(TestEngine.email) { $0.status = .deleted }
        #expect(await Self.refresh(world, refresh).kind == .accountGone)
        try await world.edit(TestEngine.email) { $0.status = .active }
        _ = await PasswordResetTests.reset(world, try await PasswordResetTests.link(world))
        #expect(await Self.refresh(world, refresh).kind == .revokedCredential)
    }

    @Test func `of tokens without a jti a second's worth is few, none loses more than half a minute, and their owner still signs in`()
        async throws
    {
        let (world, tokens) = try await Self.world(.staticToken, jti: nil)
        let refresh = try #require(tokens.refresh)
        var given: [String] = []
        for second in 0..<40 {
            for _ in 0..<40 {
                let result = await Self.refresh(world, refresh)
                guard result.outcome == .refreshed else {
                    #expect(result.kind == .rateLimited && result.failure?.retryAfter == .seconds(1))
                    continue
                }
                given.append(try #require(result.access))
            }
            #expect((second == 0 ? 20..<30 : 20..<70).contains(given.count), "second \(second)")
            world.clock.advance(.seconds(1))
        }
        #expect(Set(given).count == given.count)
        for _ in 0..<3 { #expect(await world.login().outcome == .signedIn) }
        world.clock.advance(.seconds(3600 - 40 - 30))
        var living = 0
        for token in given where await world.read(token).outcome == .found { living += 1 }
        #expect(living == given.count)
    }

    // MARK: Rotation

    @Test(arguments: [TokenProfile.JTIForm.uuid, nil])
    func `each use gives a new pair, and within the grace the same pair again`(_ jti: TokenProfile.JTIForm?) async throws {
        let (world, tokens) = try await Self.world(.rotating(grace: .seconds(10)), jti: jti)
        let refresh = try #require(tokens.refresh)
        world.clock.advance(.seconds(5))
        let first = try #require(await Self.refresh(world, refresh).facts.token)
        world.clock.advance(.seconds(10))
        let again = try #require(await Self.refresh(world, refresh).facts.token)
        #expect(again.access == first.access && again.refresh == first.refresh)
        #expect(first.refresh != refresh)
        #expect(await Self.refresh(world, try some(first.refresh)).outcome == .refreshed)
    }

    @Test func `used again after the grace, the session ends and it is reported`() async throws {
        let (world, tokens) = try await Self.world(.rotating(grace: .seconds(10)))
        let refresh = try #require(tokens.refresh)
        let next = try #require(await Self.refresh(world, refresh).facts.token)
        world.clock.advance(.seconds(11))
        #expect(await Self.refresh(world, refresh).kind == .revokedCredential)
        #expect(await Self.refresh(world, try some(next.refresh)).kind == .revokedCredential)
        #expect(await world.read(next.access).kind == .revokedCredential)
        #expect(await world.read(tokens.access).kind == .revokedCredential)
        #expect(world.events.all.contains { if case .refreshTokenReused = $0 { true } else { false } })
    }

    @Test func `fifty uses at once give copies of one pair`() async throws {
        let (world, tokens) = try await Self.world(.rotating(grace: .seconds(10)))
        let refresh = try #require(tokens.refresh)
        let pairs = await withTaskGroup(of: IssuedTokens?.self) { group in
            for _ in 0..<50 { group.addTask { await Self.refresh(world, refresh).facts.token } }
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(Set(pairs.map { $0?.refresh }).count == 1)
        #expect(Set(pairs.map { $0?.access }).count == 1)
        #expect(pairs.allSatisfy { $0 != nil })
        // In the very second of the login.
        #expect(pairs.allSatisfy { $0?.refresh != refresh && $0?.access != tokens.access })
    }

    @Test func `with no grace fifty uses at once give one pair, and the session ends`() async throws {
        let (world, tokens) = try await Self.world(.rotating(grace: .zero))
        let refresh = try #require(tokens.refresh)
        let pairs = await withTaskGroup(of: IssuedTokens?.self) { group in
            for _ in 0..<50 { group.addTask { await Self.refresh(world, refresh).facts.token } }
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(pairs.compactMap { $0 }.count == 1)
        #expect(await world.read(tokens.access).kind == .revokedCredential)
    }

    @Test func `rotation does not move the end`() async throws {
        let (world, tokens) = try await Self.world(.rotating(grace: .seconds(10)))
        world.clock.advance(.seconds(20 * 86_400))
        let next = try #require(await Self.refresh(world, try some(tokens.refresh)).refresh)
        world.clock.advance(.seconds(10 * 86_400))
        #expect(await Self.refresh(world, next).kind == .expiredCredential)
    }

    @Test func `reuse is known to another engine over the same store, and a clock set back revives nothing`() async throws {
        let (world, tokens) = try await Self.world(.rotating(grace: .seconds(10)))
        let refresh = try #require(tokens.refresh)
        world.clock.advance(.seconds(60))
        _ = await Self.refresh(world, refresh)
        world.clock.advance(.seconds(11))
        #expect(await Self.refresh(world, refresh).kind == .revokedCredential)
        world.clock.advance(.seconds(-11))
        let other = try TestEngine(
            TestEngine.policy { $0.renewal = .rotating(grace: .seconds(10)) }, refresh: true, store: world.store, clock: world.clock,
            seed: 2)
        #expect(await Self.refresh(other, refresh).kind == .revokedCredential)
    }

    private static func fleet() async throws -> (ahead: TestEngine, world: TestEngine, refresh: String) {
        let policy = TestEngine.policy { $0.renewal = .rotating(grace: .seconds(10)) }
        let store = MemoryStore()
        let ahead = try TestEngine(policy, refresh: true, store: store)
        let world = try TestEngine(policy, refresh: true, store: store, seed: 2)
        await world.register()
        return (ahead, world, try #require(await world.login().refresh))
    }

    @Test func `a use under a clock that was ahead is no grace for another when it is set back`() async throws {
        let (ahead, world, refresh) = try await Self.fleet()
        ahead.clock.advance(.seconds(61))
        let next = try #require(await Self.refresh(ahead, refresh).facts.token)
        #expect(await Self.refresh(world, refresh).kind == .revokedCredential)
        #expect(world.events.all.contains { if case .refreshTokenReused = $0 { true } else { false } })
        world.clock.advance(.seconds(61))
        #expect(await Self.refresh(world, try some(next.refresh)).kind == .revokedCredential)
        #expect(await world.read(next.access).kind == .revokedCredential)
    }

    @Test func `an instance whose clock is a minute behind gives the same pair again, until somebody has gone on with it`() async throws {
        let (ahead, world, refresh) = try await Self.fleet()
        ahead.clock.advance(.seconds(60))
        let first = try #require(await Self.refresh(ahead, refresh).facts.token)
        let again = try #require(await Self.refresh(world, refresh).facts.token)
        #expect(again.access == first.access && again.refresh == first.refresh)
        let next = try #require(await Self.refresh(world, try some(first.refresh)).facts.token)
        #expect(await Self.refresh(world, refresh).kind == .revokedCredential)
        #expect(await world.read(next.access).kind == .revokedCredential)
    }
}

@Suite struct ReissueTests {
    @Test func `a living token gives another of the same session, and both end with it`() async throws {
        let world = try TestEngine(TestEngine.policy { $0.renewal = .reissue(window: nil) })
        let first = try await world.signedIn()
        let second = try #require(await world.perform(.reissue, bearer: first).access)
        #expect(second != first)
        #expect(await world.read(first).outcome == .found)
        #expect(await world.perform(.logout, bearer: second).outcome == .signedOut)
        #expect(await world.read(first).kind == .revokedCredential)
    }

    @Test func `an expired token is not reissued without a window`() async throws {
        let world = try TestEngine(TestEngine.policy { $0.renewal = .reissue(window: nil) })
        let first = try await world.signedIn()
        world.clock.advance(.seconds(3600))
        #expect(await world.perform(.reissue, bearer: first).kind == .expiredCredential)
    }

    @Test func `within its window an expired token is reissued once, and is never a bearer token`() async throws {
        let world = try TestEngine(TestEngine.policy { $0.renewal = .reissue(window: .seconds(86_400)) })
        let first = try await world.signedIn()
        world.clock.advance(.seconds(86_399))
        #expect(await world.read(first).kind == .expiredCredential)
        let second = await world.perform(.reissue, bearer: first)
        #expect(second.outcome == .reissued)
        #expect(await world.perform(.reissue, bearer: first).kind == .revokedCredential)
        #expect(await world.read(try some(second.access)).outcome == .found)
        world.clock.advance(.seconds(86_400))
        #expect(await world.perform(.reissue, bearer: try some(second.access)).kind == .expiredCredential)
    }

    @Test func `a token that has ended stays ended for its whole window, whatever is pruned`() async throws {
        for isForeign in [false, true] {
            let world = try TestEngine(TestEngine.policy { $0.renewal = .reissue(window: .seconds(14 * 86_400)) })
            var token = try await world.signedIn()
            if isForeign {
                let id = try #require(try await world.account(TestEngine.email)).id
                let now = world.clock.now.seconds
                token = try TokenPromiseTests.foreign(TokenPromiseTests.claims(id, iat: now, exp: now + 600))
            }
            #expect(await world.perform(.logout, bearer: token).outcome == .signedOut)
            for _ in 0..<13 {
                world.clock.advance(.seconds(86_400))
                let now = world.clock.now
                _ = try await world.store.write { try $0.prune(at: now, limit: 100) }
                #expect(await world.perform(.reissue, bearer: token).kind == .revokedCredential)
            }
        }
    }

    @Test func `a key is asked for as long as one of its tokens may be renewed`() {
        let (hour, week) = (Duration.seconds(3600), Duration.seconds(7 * 86_400))
        #expect(Frontend.longestTokenLife(access: hour, refresh: nil, renewal: .none) == hour)
        #expect(Frontend.longestTokenLife(access: hour, refresh: week, renewal: .staticToken) == week)
        #expect(Frontend.longestTokenLife(access: hour, refresh: nil, renewal: .reissue(window: week)) == week)
        #expect(Frontend.longestTokenLife(access: hour, refresh: nil, renewal: .reissue(window: nil)) == hour)
    }

    @Test func `an old backend's token gets a session when it is reissued`() async throws {
        let world = try TestEngine(TestEngine.policy { $0.renewal = .reissue(window: nil) })
        await world.register()
        let id = try #require(try await world.account(TestEngine.email)).id
        let now = world.clock.now.seconds
        let old = try TokenPromiseTests.foreign(TokenPromiseTests.claims(id, iat: now, exp: now + 600))
        let new = try #require(await world.perform(.reissue, bearer: old).access)
        #expect(await world.perform(.reissue, bearer: old).outcome == .reissued)
        _ = await world.perform(.logout, bearer: new)
        #expect(await world.read(old).kind == .revokedCredential)
    }
}
