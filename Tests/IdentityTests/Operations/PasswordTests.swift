import Identity
import TestSupport
import Testing

@Suite struct PasswordResetTests {
    static let new = "another long password"

    static func policy(_ adjust: (inout Policy) -> Void = { _ in }) -> Policy {
        TestEngine.policy { adjust(&$0) }
    }

    static func link(_ world: TestEngine) async throws -> String {
        _ = await world.perform(.passwordForgot, [.email: TestEngine.email])
        return try #require(try await world.mail(.reset)?.link)
    }

    static func reset(_ world: TestEngine, _ link: String, _ password: String = new) async -> OperationResult {
        await world.perform(.passwordReset, [.link: link, .password: password])
    }

    @Test func `a reset sets the password, ends every session, signs nobody in and tells the owner`() async throws {
        let world = try TestEngine(Self.policy())
        let token = try await world.signedIn()
        let result = await Self.reset(world, try await Self.link(world))
        #expect(result.outcome == .reset)
        #expect(result.facts.token == nil)
        #expect(await world.read(token).kind == .revokedCredential)
        #expect(await world.login().kind == .wrongPassword)
        #expect(await world.login(password: Self.new).outcome == .signedIn)
        #expect(try await world.mail(.passwordChanged)?.recipient == TestEngine.email)
    }

    @Test func `of fifty who use a reset link at once one wins`() async throws {
        let world = try TestEngine(Self.policy())
        await world.register()
        let link = try await Self.link(world)
        let outcomes = await withTaskGroup(of: Outcome?.self) { group in
            for number in 0..<50 { group.addTask { await Self.reset(world, link, "password number \(number)").outcome } }
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(outcomes.filter { $0 == .reset }.count == 1)
        #expect(await Self.reset(world, link).kind == .usedLink)
    }

    @Test func `a link dies by use, by a newer one, by time and by another change of the password`() async throws {
        let world = try TestEngine(Self.policy())
        let token = try await world.signedIn()
        let first = try await Self.link(world)
        #expect(first.utf8.count == 64)
        world.clock.advance(.seconds(1))
        let second = try await Self.link(world)
        #expect(await Self.reset(world, first).kind == .unknownLink)
        _ = await world.perform(.passwordChange, [.currentPassword: TestEngine.password, .password: Self.new], bearer: token)
        #expect(await Self.reset(world, second).kind == .unknownLink)
        world.clock.advance(.seconds(1))
        let third = try await Self.link(world)
        world.clock.advance(.seconds(3600))
        #expect(await Self.reset(world, third).kind == .expiredLink)
    }

    @Test func `a bad new password does not consume the link`() async throws {
        let world = try TestEngine(Self.policy())
        await world.register()
        let link = try await Self.link(world)
        let short = await world.perform(.passwordReset, [.link: link, .password: "short"]) {
            $0.rules = [FieldRule(slot: .password, wireName: "password", check: .min(8))]
        }
        #expect(short.kind == .invalid)
        #expect(await Self.reset(world, link).outcome == .reset)
    }

    @Test func `the link is judged before the rules where the policy says so`() async throws {
        for (first, kind) in [(true, FailureKind.unknownLink), (false, .invalid)] {
            let world = try TestEngine(Self.policy { $0.reset.linkFirst = first })
            let result = await world.perform(.passwordReset, [.link: "nothing", .password: "short"]) {
                $0.rules = [FieldRule(slot: .password, wireName: "password", check: .min(8))]
            }
            #expect(result.kind == kind)
        }
    }

    @Test func `a reset confirms the address where the policy says so`() async throws {
        for confirms in [true, false] {
            let world = try TestEngine(Self.policy { $0.reset.confirms = confirms })
            await world.register()
            _ = await Self.reset(world, try await Self.link(world))
            #expect(try await world.account(TestEngine.email)?.confirmedAt == (confirms ? world.clock.now : nil))
        }
    }

    @Test func `the address must be the link's where the policy asks for it`() async throws {
        let world = try TestEngine(Self.policy { $0.reset.needsEmail = true })
        await world.register()
        await world.register("other@example.com")
        let link = try await Self.link(world)
        for (email, kind) in [("nobody@example.com", FailureKind.unknownAccount), ("other@example.com", .unknownLink)] {
            let result = await world.perform(.passwordReset, [.link: link, .email: email, .password: Self.new])
            #expect(result.kind == kind)
        }
        let right = await world.perform(.passwordReset, [.link: link, .email: TestEngine.email, .password: Self.new])
        #expect(right.outcome == .reset)
    }

    @Test func `asked again within the gap it is too soon, which hidden accounts do not tell`() async throws {
        for (existence, kind) in [(Policy.Existence.reveal, FailureKind.tooSoon), (.hide, nil)] {
            let world = try TestEngine(
                Self.policy {
                    $0.reset.gap = .seconds(60)
                    $0.existence = existence
                })
            await world.register()
            #expect(await world.perform(.passwordForgot, [.email: TestEngine.email]).outcome == .sent)
            #expect(await world.perform(.passwordForgot, [.email: TestEngine.email]).kind == kind)
            #expect(try await world.mails(.reset).count == 1)
            world.clock.advance(.seconds(60))
            #expect(await world.perform(.passwordForgot, [.email: TestEngine.email]).outcome == .sent)
        }
    }

    @Test func `a link that was made under a clock far ahead is over, and nobody waits for another`() async throws {
        let world = try TestEngine(Self.policy { $0.reset.gap = .seconds(60) })
        await world.register()
        world.clock.advance(.seconds(365 * 86_400))
        let early = try await Self.link(world)
        world.clock.advance(.seconds(-365 * 86_400))
        #expect(await Self.reset(world, early).kind == .expiredLink)
        #expect(await world.perform(.passwordForgot, [.email: TestEngine.email]).outcome == .sent)
        let next = try #require(try await world.mails(.reset).compactMap(\.link).first { $0 != early })
        #expect(await Self.reset(world, next).outcome == .reset)
    }

    @Test func `a link of an instance whose clock is a minute ahead is good at once, and its gap counts`() async throws {
        let world = try TestEngine(Self.policy { $0.reset.gap = .seconds(60) })
        await world.register()
        world.clock.advance(.seconds(60))
        let link = try await Self.link(world)
        world.clock.advance(.seconds(-60))
        #expect(await world.perform(.passwordForgot, [.email: TestEngine.email]).failure?.retryAfter == .seconds(120))
        #expect(await Self.reset(world, link).outcome == .reset)
    }

    @Test func `an unknown address is told only where accounts are revealed`() async throws {
        for (existence, kind) in [(Policy.Existence.reveal, FailureKind.unknownAccount), (.hide, nil)] {
            let world = try TestEngine(Self.policy { $0.existence = existence })
            #expect(await world.perform(.passwordForgot, [.email: "nobody@example.com"]).kind == kind)
            #expect(try await world.mails().isEmpty)
        }
    }

    @Test func `the page shows the link again and looks nothing up`() async throws {
        let world = try TestEngine(Self.policy())
        let page = await world.perform(.passwordResetPage, [.link: "abc", .email: "a@example.com"])
        #expect(page.outcome == .page)
        #expect(page.facts.slots[.link]?.value == .string("abc"))
        #expect(await world.perform(.passwordResetPage).kind == .noLink)
    }

    @Test func `a lock ends with a reset`() async throws {
        let world = try TestEngine(Self.policy())
        await world.register()
        for _ in 0..<10 { _ = await world.login(password: "wrong") }
        #expect(await world.login().kind == .locked)
        _ = await Self.reset(world, try await Self.link(world))
        #expect(await world.login(password: Self.new).outcome == .signedIn)
    }
}

@Suite struct PasswordChangeTests {
    static func change(_ world: TestEngine, _ token: String, current: String = TestEngine.password) async -> OperationResult {
        await world.perform(.passwordChange, [.currentPassword: current, .password: PasswordResetTests.new], bearer: token)
    }

    @Test func `the presented token lives on, the others end, and a token of the same second is not spared`() async throws {
        let world = try TestEngine()
        let mine = try await world.signedIn()
        let other = try #require(await world.login().access)
        #expect(await Self.change(world, mine).outcome == .changed)
        #expect(await world.read(mine).outcome == .found)
        #expect(await world.read(other).kind == .revokedCredential)
        #expect(try await world.mails(.passwordChanged).count == 1)
    }

    @Test func `the owner hears of it by mail, or of resets alone, as the policy says`() async throws {
        let world = try TestEngine(PasswordResetTests.policy { $0.passwordChangedMail = .reset })
        let mine = try await world.signedIn()
        #expect(await Self.change(world, mine).outcome == .changed)
        #expect(try await world.mails(.passwordChanged).isEmpty)
        _ = await PasswordResetTests.reset(world, try await PasswordResetTests.link(world))
        #expect(try await world.mails(.passwordChanged).count == 1)
    }

    @Test func `all sessions end where the policy says so`() async throws {
        let world = try TestEngine(TestEngine.policy { $0.passwordChangeEnds = .allSessions })
        let mine = try await world.signedIn()
        #expect(await Self.change(world, mine).outcome == .changed)
        #expect(await world.read(mine).kind == .revokedCredential)
    }

    @Test func `nothing changes without the current password`() async throws {
        let world = try TestEngine()
        let mine = try await world.signedIn()
        #expect(await Self.change(world, mine, current: "wrong").failure?.problems.map(\.rule) == ["current"])
        let none = await world.perform(.passwordChange, [.password: PasswordResetTests.new], bearer: mine)
        #expect(none.kind == .invalid)
        #expect(await world.login().outcome == .signedIn)
    }

    @Test func `the rule asks once and the operation trusts it`() async throws {
        let world = try TestEngine()
        let mine = try await world.signedIn()
        let result = await world.perform(
            .passwordChange, [.currentPassword: TestEngine.password, .password: PasswordResetTests.new], bearer: mine
        ) {
            $0.rules = [FieldRule(slot: .currentPassword, wireName: "old", check: .current)]
        }
        #expect(result.outcome == .changed)
    }
}
