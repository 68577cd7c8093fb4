import Identity
import TestSupport
import Testing

/// O1 to O5 of the promises.
@Suite struct LoginCodeTests {
    static func policy(_ adjust: (inout Policy) -> Void = { _ in }) -> Policy {
        TestEngine.policy {
            var code = CodePolicy()
            code.digits = 4
            code.leadingZero = false
            code.minutes = 5...10
            $0.login = .passwordThenCode(code)
            $0.renewal = .staticToken
            adjust(&$0)
        }
    }

    static func enter(_ world: TestEngine, _ code: String) async -> OperationResult {
        await world.perform(.loginCode, [.email: TestEngine.email, .code: code])
    }

    /// A code of four digits that is not this one.
    static func wrong(_ code: String) -> String { code == "1234" ? "1235" : "1234" }

    @Test func `the right password mails a code, the code signs in and confirms the address`() async throws {
        let world = try TestEngine(Self.policy(), refresh: true)
        await world.register()
        let login = await world.login()
        #expect(login.outcome == .codeSent)
        #expect(login.facts.token == nil)
        let mail = try #require(try await world.mail(.loginCode))
        let minutes = try #require(mail.lifetime?.components.seconds) / 60
        #expect((5...10).contains(minutes))
        let result = await Self.enter(world, try #require(mail.code))
        #expect(result.outcome == .signedIn)
        #expect(result.access != nil && result.refresh != nil)
        #expect(try await world.account(TestEngine.email)?.confirmedAt == world.clock.now)
        #expect(await Self.enter(world, try some(mail.code)).kind == .noCode)
    }

    @Test func `of fifty who enter one code at once one signs in`() async throws {
        let world = try TestEngine(Self.policy())
        await world.register()
        _ = await world.login()
        let code = try #require(try await world.mail(.loginCode)?.code)
        let outcomes = await withTaskGroup(of: Outcome?.self) { group in
            for _ in 0..<50 { group.addTask { await Self.enter(world, code).outcome } }
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(outcomes.filter { $0 == .signedIn }.count == 1)
    }

    @Test func `without the right password before it no code signs in`() async throws {
        let world = try TestEngine(Self.policy { $0.confirmation = .code(CodePolicy()) })
        await world.register()
        let confirmation = try #require(try await world.mail(.confirm)?.code)
        #expect(await Self.enter(world, confirmation).kind == .noCode)
        _ = await world.login(password: "wrong")
        #expect(await Self.enter(world, "1234").kind == .noCode)
    }

    @Test func `where registration mails a login code it is good once`() async throws {
        let world = try TestEngine(Self.policy { $0.registration.sendsLoginCode = true })
        await world.register()
        let code = try #require(try await world.mail(.loginCode)?.code)
        #expect(await Self.enter(world, code).outcome == .signedIn)
        #expect(await Self.enter(world, code).kind == .noCode)
    }

    @Test func `five wrong tries void a code`() async throws {
        let world = try TestEngine(Self.policy())
        await world.register()
        _ = await world.login()
        let code = try #require(try await world.mail(.loginCode)?.code)
        for _ in 0..<5 { #expect(await Self.enter(world, Self.wrong(code)).kind == .wrongCode) }
        #expect(await Self.enter(world, code).kind == .noCode)
        _ = await world.login()
        #expect(await Self.enter(world, try some(try await world.mail(.loginCode)?.code)).outcome == .signedIn)
    }

    @Test func `two hundred wrong codes at once are five tries`() async throws {
        let world = try TestEngine(Self.policy())
        await world.register()
        _ = await world.login()
        let code = try #require(try await world.mail(.loginCode)?.code)
        let kinds = await withTaskGroup(of: FailureKind?.self) { group in
            for _ in 0..<200 { group.addTask { await Self.enter(world, Self.wrong(code)).kind } }
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(kinds.filter { $0 == .wrongCode }.count == 5)
        #expect(kinds.filter { $0 == .noCode }.count == 195)
    }

    @Test func `twenty wrong codes in a day stop all codes until a day after the first`() async throws {
        let world = try TestEngine(Self.policy { $0.mailsPerHour = 100 })
        await world.register()
        let start = world.clock.now
        for _ in 0..<4 {
            _ = await world.login()
            let code = try #require(try await world.mail(.loginCode)?.code)
            for _ in 0..<5 { #expect(await Self.enter(world, Self.wrong(code)).kind == .wrongCode) }
            world.clock.advance(.seconds(60))
        }
        _ = await world.login()
        #expect(await Self.enter(world, try some(try await world.mail(.loginCode)?.code)).kind == .wrongCode)
        world.clock.advance((start + .seconds(86_400)) - world.clock.now)
        _ = await world.login()
        #expect(await Self.enter(world, try some(try await world.mail(.loginCode)?.code)).outcome == .signedIn)
    }

    @Test func `an expired code is refused, a newer one kills the older`() async throws {
        let world = try TestEngine(Self.policy())
        await world.register()
        _ = await world.login()
        let first = try #require(try await world.mail(.loginCode)?.code)
        world.clock.advance(.seconds(1))
        _ = await world.login()
        let second = try #require(try await world.mail(.loginCode))
        if first != second.code { #expect(await Self.enter(world, first).kind == .wrongCode) }
        world.clock.advance(try #require(second.lifetime))
        #expect(await Self.enter(world, try some(second.code)).kind == .expiredCode)
    }

    @Test func `after five codes in an hour without success logins are answered alike and mail nothing`() async throws {
        let world = try TestEngine(Self.policy())
        await world.register()
        for _ in 0..<7 {
            #expect(await world.login().outcome == .codeSent)
            world.clock.advance(.seconds(1))
        }
        #expect(try await world.mails(.loginCode).count == 5)
        #expect(await Self.enter(world, try some(try await world.mail(.loginCode)?.code)).outcome == .signedIn)
        #expect(await world.login().outcome == .codeSent)
        #expect(try await world.mails(.loginCode).count == 6)
    }

    @Test func `a suspended account is told so only after the right code`() async throws {
        let world = try TestEngine(Self.policy())
        await world.register()
        _ = await world.login()
        let code = try #require(try await world.mail(.loginCode)?.code)
        try await world.edit(TestEngine.email) { $0.status = .suspended }
        #expect(await Self.enter(world, Self.wrong(code)).kind == .wrongCode)
        #expect(await Self.enter(world, code).kind == .suspended)
    }

    @Test func `an unknown name is told only where accounts are revealed`() async throws {
        for (existence, kind) in [(Policy.Existence.reveal, FailureKind.unknownAccount), (.hide, .noCode)] {
            let world = try TestEngine(Self.policy { $0.existence = existence })
            #expect(await Self.enter(world, "1234").kind == kind)
        }
    }

    @Test func `codes are uniform, of the asked digits, with leading zeros only where they may be`() async throws {
        let world = try TestEngine(
            TestEngine.policy {
                $0.confirmation = .code(CodePolicy()); $0.mailsPerHour = 1_000_000
            })
        await world.register()
        var tens = [Int](repeating: 0, count: 10)
        for _ in 0..<600 { _ = await world.perform(.emailResend, [.email: TestEngine.email]) }
        for mail in try await world.mails(.confirm) {
            let code = try #require(mail.code)
            #expect(code.utf8.count == 6)
            for digit in code.utf8 { tens[Int(digit) - 48] += 1 }
        }
        let expected = Double(tens.reduce(0, +)) / 10
        let chiSquare = tens.reduce(0.0) { $0 + (Double($1) - expected) * (Double($1) - expected) / expected }
        // 9 degrees of freedom: 27.9 is passed once in a thousand.
        #expect(chiSquare < 27.9)
    }
}
