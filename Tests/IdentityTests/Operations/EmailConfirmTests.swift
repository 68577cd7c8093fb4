import Identity
import TestSupport
import Testing

/// M1, M2, M5 and M6 of the promises, and confirmation by code.
@Suite struct EmailConfirmTests {
    static func byLink(_ adjust: (inout Policy) -> Void = { _ in }) -> Policy {
        TestEngine.policy {
            var link = LinkPolicy()
            link.alphabet = .url
            link.length = 20
            link.lifetime = .seconds(3 * 86_400)
            link.repeats = .seconds(600)
            $0.confirmation = .link(link)
            $0.emailChange = .pending
            adjust(&$0)
        }
    }

    static func confirm(_ world: TestEngine, _ link: String?) async -> OperationResult {
        await world.perform(.emailConfirm, link.map { [.link: $0] } ?? [:])
    }

    @Test func `a link confirms once, and answers alike for ten minutes`() async throws {
        let world = try TestEngine(Self.byLink())
        await world.register()
        let link = try #require(try await world.mail(.confirm)?.link)
        #expect(link.utf8.count == 20)
        let first = await Self.confirm(world, link)
        #expect(first.outcome == .confirmed)
        let confirmedAt = try await world.account(TestEngine.email)?.confirmedAt
        world.clock.advance(.seconds(599))
        #expect(await Self.confirm(world, link).outcome == .confirmed)
        #expect(try await world.account(TestEngine.email)?.confirmedAt == confirmedAt)
        world.clock.advance(.seconds(1))
        #expect(await Self.confirm(world, link).kind == .usedLink)
        world.clock.advance(.seconds(3 * 86_400))
        #expect(await Self.confirm(world, link).kind == .unknownLink)
    }

    @Test func `a link expires to the second`() async throws {
        let world = try TestEngine(Self.byLink())
        await world.register()
        let link = try #require(try await world.mail(.confirm)?.link)
        world.clock.advance(.seconds(3 * 86_400 - 1))
        let other = try TestEngine(Self.byLink(), store: world.store, clock: world.clock, seed: 2)
        world.clock.advance(.seconds(1))
        #expect(await Self.confirm(other, link).kind == .expiredLink)
        #expect(try await world.account(TestEngine.email)?.confirmedAt == nil)
    }

    @Test func `only the newest link is good`() async throws {
        let world = try TestEngine(Self.byLink())
        await world.register()
        let old = try #require(try await world.mail(.confirm)?.link)
        world.clock.advance(.seconds(1))
        #expect(await world.perform(.emailResend, [.email: TestEngine.email]).outcome == .sent)
        let new = try #require(try await world.mail(.confirm)?.link)
        #expect(await Self.confirm(world, old).kind == .unknownLink)
        #expect(await Self.confirm(world, new).outcome == .confirmed)
    }

    @Test(arguments: ["", " ", "null", "[]", "%00"])
    func `what is no token matches nothing`(_ token: String) async throws {
        let world = try TestEngine(Self.byLink())
        await world.register()
        let kind = await Self.confirm(world, token).kind
        #expect(kind == .noLink || kind == .unknownLink)
        #expect(await Self.confirm(world, nil).kind == .noLink)
        for value in [Value.null, .list([.null]), .object([]), .bool(true), .int(0)] {
            let result = await world.perform(.emailConfirm) { $0.slots[.link] = SlotValue(value, wireName: "token") }
            #expect(result.kind == .noLink)
        }
    }

    @Test func `a reset link confirms nothing, and a confirmation link resets nothing`() async throws {
        let world = try TestEngine(Self.byLink())
        await world.register()
        _ = await world.perform(.passwordForgot, [.email: TestEngine.email])
        let confirm = try #require(try await world.mail(.confirm)?.link)
        let reset = try #require(try await world.mail(.reset)?.link)
        #expect(await Self.confirm(world, reset).kind == .unknownLink)
        #expect(await world.perform(.passwordReset, [.link: confirm, .password: "another password"]).kind == .unknownLink)
    }

    @Test func `a link of one realm is unknown in another`() async throws {
        let world = try TestEngine(Self.byLink())
        await world.register()
        let other = try TestEngine(Self.byLink(), realm: "other", store: world.store, clock: world.clock, seed: 2)
        #expect(await Self.confirm(other, try await world.mail(.confirm)?.link).kind == .unknownLink)
    }

    @Test func `of fifty who use a code at once one confirms`() async throws {
        let world = try TestEngine(TestEngine.policy { $0.confirmation = .code(CodePolicy()) })
        await world.register()
        let code = try #require(try await world.mail(.confirm)?.code)
        let outcomes = await withTaskGroup(of: Outcome?.self) { group in
            for _ in 0..<50 {
                group.addTask { await world.perform(.emailConfirm, [.email: TestEngine.email, .code: code]).outcome }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(outcomes.filter { $0 == .confirmed }.count == 1)
    }

    private static func byCode(_ adjust: (inout Policy) -> Void = { _ in }) -> Policy {
        TestEngine.policy {
            $0.confirmation = .code(CodePolicy())
            adjust(&$0)
        }
    }

    @Test func `codes that are tried at one frontend are no tries at the link that another of the realm has mailed`() async throws {
        let links = try TestEngine(Self.byLink())
        let codes = try TestEngine(Self.byCode(), store: links.store, clock: links.clock, seed: 2)
        await links.register()
        let link = try #require(try await links.mail(.confirm)?.link)
        for number in 0..<9 {
            #expect(await codes.perform(.emailConfirm, [.email: TestEngine.email, .code: "00000\(number)"]).kind == .noCode)
        }
        #expect(await Self.confirm(links, link).outcome == .confirmed)
    }

    @Test func `what was mailed under a clock far ahead confirms nothing, and is mailed again at once`() async throws {
        for policy in [Self.byLink(), Self.byCode()] {
            var policy = policy
            policy.loginWaitsForConfirmation = true
            policy.unconfirmedLoginRemailsAfter = .seconds(60)
            let world = try TestEngine(policy)
            let tryIt = { (mail: TestMail) in
                let slots = mail.code.map { [Slot.email: TestEngine.email, .code: $0] } ?? [.link: mail.link ?? ""]
                return await world.perform(.emailConfirm, slots)
            }
            world.clock.advance(.seconds(365 * 86_400))
            await world.register()
            let early = try #require(try await world.mail(.confirm))
            world.clock.advance(.seconds(-365 * 86_400))
            #expect([.expiredLink, .expiredCode].contains(await tryIt(early).kind))
            #expect(await world.login().kind == .unconfirmed)
            let next = try #require(try await world.mails(.confirm).first { $0 != early })
            #expect(await tryIt(next).outcome == .confirmed)
        }
    }

    @Test func `mails go to the stored address, however it was typed`() async throws {
        let world = try TestEngine(Self.byLink { $0.identifiers = [.email: .folded] })
        await world.register()
        _ = await world.perform(.passwordForgot, [.email: "ANA@EXAMPLE.COM"])
        _ = await world.perform(.emailResend, [.email: "Ana@Example.Com"])
        #expect(Set(try await world.mails().map(\.recipient)) == [TestEngine.email])
    }

    // MARK: New addresses

    @Test func `a new address is shown at once and final when its own link is used`() async throws {
        let world = try TestEngine(Self.byLink())
        let token = try await world.signedIn()
        _ = await Self.confirm(world, try await world.mail(.confirm)?.link)
        let updated = await world.perform(.accountUpdate, [.email: "new@example.com"], bearer: token)
        #expect(updated.outcome == .updated)
        #expect(updated.facts.account?.account.shownEmail == "new@example.com")
        #expect(try await world.mail(.emailChanged)?.recipient == TestEngine.email)
        #expect(await world.login("new@example.com").outcome == .signedIn)
        #expect(await world.login().outcome == .signedIn)
        _ = await world.perform(.passwordForgot, [.email: TestEngine.email])
        #expect(try await world.mail(.reset)?.recipient == TestEngine.email)
        let mail = try #require(try await world.mail(.confirmNewEmail))
        #expect(mail.recipient == "new@example.com")
        #expect(await Self.confirm(world, mail.link).outcome == .confirmed)
        #expect(try await world.account("new@example.com")?.pendingEmail == nil)
        #expect(await world.login().kind == .unknownAccount)
    }

    /// A thief changes the address, and the owner does what owners do then.
    @Test(arguments: ["reset", "change", "suspension"])
    func `a new address that a session of before has asked for is never confirmed`(_ remedy: String) async throws {
        let world = try TestEngine(Self.byLink())
        let stolen = try await world.signedIn()
        let own = try #require(await world.login().access)
        _ = await world.perform(.accountUpdate, [.email: "thief@example.com"], bearer: stolen)
        let link = try #require(try await world.mail(.confirmNewEmail)?.link)
        world.clock.advance(.seconds(2))
        switch remedy {
        case "reset":
            _ = await world.perform(.passwordForgot, [.email: TestEngine.email])
            let reset = try #require(try await world.mail(.reset)?.link)
            #expect(await world.perform(.passwordReset, [.link: reset, .password: "another password"]).outcome == .reset)
        case "change":
            let changed = await world.perform(
                .passwordChange, [.currentPassword: TestEngine.password, .password: "another password"], bearer: own)
            #expect(changed.outcome == .changed)
        default:
            try await world.suspend(TestEngine.email)
        }
        #expect(await Self.confirm(world, link).kind == .unknownLink)
        _ = await world.perform(.emailResend, [.email: "thief@example.com"])
        #expect(try await world.mails(.confirmNewEmail).count == 1)
        if remedy == "suspension" { try await world.resume(TestEngine.email) }
        _ = await world.perform(.emailResend, [.email: "thief@example.com"])
        #expect(try await world.mails(.confirmNewEmail).count == 1)
        #expect(try await world.account("thief@example.com") == nil)
        // Forms send back what they were shown; whoever has the account now may ask for it again after changing it back.
        world.clock.advance(.seconds(2))
        let password = remedy == "suspension" ? TestEngine.password : "another password"
        let again = try #require(await world.login(password: password).access)
        _ = await world.perform(.accountUpdate, [.email: "thief@example.com"], bearer: again)
        let both: [Slot: String] = [.email: "thief@example.com", .currentPassword: password, .password: "a third password"]
        #expect(await world.perform(.accountUpdate, both, bearer: again).outcome == .updated)
        _ = await world.perform(.emailResend, [.email: "thief@example.com"])
        #expect(try await world.mails(.confirmNewEmail).count == 1)
        world.clock.advance(.seconds(2))
        let last = try #require(await world.login(password: "a third password").access)
        for email in [TestEngine.email, "thief@example.com"] { _ = await world.perform(.accountUpdate, [.email: email], bearer: last) }
        let fresh = try #require(try await world.mail(.confirmNewEmail)?.link)
        #expect(fresh != link)
        #expect(await Self.confirm(world, fresh).outcome == .confirmed)
    }

    @Test func `whoever has proved no address yet is mailed a proof of their own when that of a new one is void`() async throws {
        let world = try TestEngine(Self.byLink())
        let token = try await world.signedIn()
        _ = await world.perform(.accountUpdate, [.email: "new@example.com"], bearer: token)
        try await world.suspend(TestEngine.email)
        try await world.resume(TestEngine.email)
        world.clock.advance(.seconds(2))
        #expect(await world.perform(.emailResend, [.email: TestEngine.email]).outcome == .sent)
        let mail = try #require(try await world.mail(.confirm))
        #expect(mail.recipient == TestEngine.email)
        #expect(await Self.confirm(world, mail.link).outcome == .confirmed)
        #expect(try await world.account(TestEngine.email)?.confirmedAt != nil)
        #expect(try await world.mails(.confirmNewEmail).count == 1)
    }

    @Test func `a confirmation that failed is not told as one when it is repeated`() async throws {
        let world = try TestEngine(Self.byLink())
        let first = try await world.signedIn("one@example.com")
        let second = try await world.signedIn("two@example.com")
        _ = await world.perform(.accountUpdate, [.email: "new@example.com"], bearer: first)
        let lost = try #require(try await world.mail(.confirmNewEmail)?.link)
        world.clock.advance(.seconds(1))
        _ = await world.perform(.accountUpdate, [.email: "new@example.com"], bearer: second)
        let won = try #require(try await world.mail(.confirmNewEmail)?.link)
        #expect(await Self.confirm(world, won).outcome == .confirmed)
        for _ in 0..<2 { #expect(await Self.confirm(world, lost).kind == .unknownLink) }
        #expect(await Self.confirm(world, won).outcome == .confirmed)
    }

    @Test func `a link mailed to one new address never confirms another`() async throws {
        let world = try TestEngine(Self.byLink())
        let token = try await world.signedIn()
        _ = await world.perform(.accountUpdate, [.email: "mine@example.com"], bearer: token)
        let mine = try #require(try await world.mail(.confirmNewEmail)?.link)
        world.clock.advance(.seconds(1))
        _ = await world.perform(.accountUpdate, [.email: "yours@example.com"], bearer: token)
        #expect(await Self.confirm(world, mine).kind == .unknownLink)
        #expect(try await world.account("yours@example.com") == nil)
        #expect(try await world.account(TestEngine.email)?.pendingEmail == "yours@example.com")
    }

    @Test func `a new address reserves nothing: whoever has it first keeps it, and the old one is shown again`() async throws {
        let world = try TestEngine(Self.byLink())
        let token = try await world.signedIn()
        _ = await world.perform(.accountUpdate, [.email: "new@example.com"], bearer: token)
        let link = try #require(try await world.mail(.confirmNewEmail)?.link)
        #expect(await world.register("NEW@example.com").outcome == .registered)
        #expect(try await world.account(TestEngine.email)?.shownEmail == TestEngine.email)
        #expect(await Self.confirm(world, link).kind == .unknownLink)
    }

    @Test func `of two who wait for one address the first to confirm has it`() async throws {
        let world = try TestEngine(Self.byLink())
        let first = try await world.signedIn("one@example.com")
        let second = try await world.signedIn("two@example.com")
        _ = await world.perform(.accountUpdate, [.email: "new@example.com"], bearer: first)
        let firstLink = try await world.mail(.confirmNewEmail)?.link
        world.clock.advance(.seconds(1))
        _ = await world.perform(.accountUpdate, [.email: "new@example.com"], bearer: second)
        let secondLink = try await world.mail(.confirmNewEmail)?.link
        #expect(await world.login("new@example.com").kind == .unknownAccount)
        #expect(await Self.confirm(world, secondLink).outcome == .confirmed)
        #expect(await Self.confirm(world, firstLink).kind == .unknownLink)
        #expect(try await world.account("one@example.com")?.pendingEmail == nil)
    }

    @Test func `where accounts are hidden a taken new address is accepted, never confirmed, and its owner is told`() async throws {
        let world = try TestEngine(Self.byLink { $0.existence = .hide })
        let token = try await world.signedIn()
        await world.register("owner@example.com")
        let updated = await world.perform(.accountUpdate, [.email: "owner@example.com"], bearer: token)
        #expect(updated.outcome == .updated)
        #expect(try await world.mails(.confirmNewEmail).isEmpty)
        #expect(try await world.mail(.alreadyRegistered)?.recipient == "owner@example.com")
        _ = await world.perform(.emailResend, [.email: TestEngine.email])
        #expect(try await world.mails(.confirmNewEmail).isEmpty)
    }

    // MARK: Resending

    @Test func `who is unknown or confirmed is told so only where accounts are revealed`() async throws {
        for (existence, kinds) in [(Policy.Existence.reveal, [FailureKind.unknownAccount, .alreadyConfirmed]), (.hide, [nil, nil])] {
            let world = try TestEngine(Self.byLink { $0.existence = existence })
            await world.register()
            _ = await Self.confirm(world, try await world.mail(.confirm)?.link)
            #expect(await world.perform(.emailResend, [.email: "nobody@example.com"]).kind == kinds[0])
            #expect(await world.perform(.emailResend, [.email: TestEngine.email]).kind == kinds[1])
            #expect(try await world.mails(.confirm).count == 1)
        }
    }

    @Test func `an address is mailed five of a kind in an hour by however many accounts, and whoever asks is answered alike`() async throws
    {
        let world = try TestEngine(Self.byLink { $0.deletion = .erases })
        let other = "other@example.com"
        let delete = { (token: String) in #expect(await world.perform(.accountDelete, bearer: token).outcome == .deleted) }
        for _ in 0..<3 {
            let token = try await world.signedIn()
            for email in [other, TestEngine.email, "OTHER@example.com", TestEngine.email, other] {
                #expect(await world.perform(.accountUpdate, [.email: email], bearer: token).outcome == .updated)
            }
            await delete(token)
        }
        #expect(try await world.mails(.confirmNewEmail).count == 5)
        for _ in 0..<7 {
            #expect(await world.register(other).outcome == .registered)
            await delete(try #require(await world.login(other).access))
        }
        let toOther = { try await world.mails(.confirm).filter { $0.recipient == other }.count }
        #expect(try await toOther() == 5)
        await world.register(other)
        world.clock.advance(.seconds(3600))
        _ = await world.perform(.emailResend, [.email: other])
        #expect(try await toOther() == 6)
    }

    @Test func `at most five mails of a kind go out in an hour, and reset mails do not wait for them`() async throws {
        let world = try TestEngine(Self.byLink())
        await world.register()
        for _ in 0..<9 { #expect(await world.perform(.emailResend, [.email: TestEngine.email]).outcome == .sent) }
        #expect(try await world.mails(.confirm).count == 5)
        _ = await world.perform(.passwordForgot, [.email: TestEngine.email])
        #expect(try await world.mails(.reset).count == 1)
        world.clock.advance(.seconds(3600))
        _ = await world.perform(.emailResend, [.email: TestEngine.email])
        #expect(try await world.mails(.confirm).count == 6)
    }
}
