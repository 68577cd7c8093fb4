import Identity
import TestSupport
import Testing

@Suite struct AccountUpdateTests {
    static let name = Slot("name")
    static let step = Slot("step")

    static func policy(_ adjust: (inout Policy) -> Void = { _ in }) -> Policy {
        TestEngine.policy {
            $0.attributes = [
                Attribute(name: "name", kind: .string), Attribute(name: "step", kind: .string, missing: .string("welcome")),
                Attribute(name: "done", kind: .bool, missing: .bool(false)), Attribute(name: "plan_until", kind: .time, writer: .operator),
            ]
            $0.roles.known = ["user", "seller", "admin"]
            $0.roles.selfAssignable = ["seller"]
            adjust(&$0)
        }
    }

    @Test func `what is sent changes, what is null is cleared where it may be, what is absent stays`() async throws {
        let world = try TestEngine(Self.policy())
        let token = try await world.signedIn()
        world.clock.advance(.seconds(5))
        _ = await world.perform(.accountUpdate, [Self.name: "Ana", Self.step: "second"], bearer: token)
        #expect(try await world.account(TestEngine.email)?.updatedAt == world.clock.now)
        for empty in [Value.null, .string("")] {
            _ = await world.perform(.accountUpdate, [Self.name: "Ana"], bearer: token)
            _ = await world.perform(.accountUpdate, bearer: token) {
                $0.slots[Self.name] = SlotValue(empty, wireName: "name")
                $0.slots[Self.step] = SlotValue(empty, wireName: "step")
                $0.slots[Slot("done")] = SlotValue(.string("true"), wireName: "done")
                $0.slots[Slot("plan_until")] = SlotValue(.time(world.clock.now), wireName: "plan_until")
            }
            #expect(try await world.account(TestEngine.email)?.attributes == ["step": .string("second")])
        }
    }

    @Test func `an update that changes nothing is no change`() async throws {
        let world = try TestEngine(Self.policy())
        let token = try await world.signedIn()
        let before = try await world.account(TestEngine.email)
        world.clock.advance(.seconds(5))
        #expect(await world.perform(.accountUpdate, [.role: "user"], bearer: token).outcome == .updated)
        #expect(try await world.account(TestEngine.email) == before)
    }

    @Test(arguments: ["admin", "ADMIN", "1", "Seller"])
    func `a role that may not be chosen is refused by the rule, and ignored without it`(_ role: String) async throws {
        let world = try TestEngine(Self.policy())
        let token = try await world.signedIn()
        #expect(await world.perform(.accountUpdate, [.role: role], bearer: token).outcome == .updated)
        #expect(try await world.account(TestEngine.email)?.role == "user")
        let refused = await world.perform(.accountUpdate, [.role: role, Self.name: "Ana"], bearer: token) {
            $0.rules = [FieldRule(slot: .role, wireName: "role", check: .assignable)]
        }
        #expect(refused.kind == .invalid)
        #expect(try await world.account(TestEngine.email)?.attributes.isEmpty == true)
        #expect(await world.perform(.accountUpdate, [.role: "seller"], bearer: token).outcome == .updated)
        #expect(try await world.account(TestEngine.email)?.role == "seller")
    }

    @Test func `a new password needs the current one and ends the other sessions`() async throws {
        let world = try TestEngine(Self.policy())
        let mine = try await world.signedIn()
        let other = try #require(await world.login().access)
        let new = PasswordResetTests.new
        #expect(await world.perform(.accountUpdate, [.password: new], bearer: mine).kind == .invalid)
        let updated = await world.perform(.accountUpdate, [.password: new, .currentPassword: TestEngine.password], bearer: mine)
        #expect(updated.outcome == .updated)
        #expect(await world.read(mine).outcome == .found)
        #expect(await world.read(other).kind == .revokedCredential)
        #expect(await world.login(password: new).outcome == .signedIn)
        #expect(try await world.mails(.passwordChanged).count == 1)
    }

    @Test func `an e-mail in a body changes nothing where the policy refuses it`() async throws {
        let world = try TestEngine(Self.policy())
        let token = try await world.signedIn()
        #expect(await world.perform(.accountUpdate, [.email: "new@example.com"], bearer: token).outcome == .updated)
        #expect(try await world.account(TestEngine.email)?.pendingEmail == nil)
        #expect(try await world.mails().isEmpty)
    }

    @Test func `an immediate change moves the address, tells the old one, and refuses a taken one`() async throws {
        let world = try TestEngine(Self.policy { $0.emailChange = .immediate })
        let token = try await world.signedIn()
        await world.register("other@example.com")
        #expect(await world.perform(.accountUpdate, [.email: "Other@example.com"], bearer: token).kind == .duplicate)
        #expect(await world.perform(.accountUpdate, [.email: "new@example.com"], bearer: token).outcome == .updated)
        #expect(try await world.mail(.emailChanged)?.recipient == TestEngine.email)
        #expect(await world.login("new@example.com").outcome == .signedIn)
        #expect(await world.login().kind == .unknownAccount)
    }

    @Test func `the own address back again takes the change away`() async throws {
        let world = try TestEngine(EmailConfirmTests.byLink())
        let token = try await world.signedIn()
        _ = await world.perform(.accountUpdate, [.email: "new@example.com"], bearer: token)
        let link = try await world.mail(.confirmNewEmail)?.link
        _ = await world.perform(.accountUpdate, [.email: TestEngine.email], bearer: token)
        #expect(try await world.account(TestEngine.email)?.pendingEmail == nil)
        #expect(await EmailConfirmTests.confirm(world, link).kind == .unknownLink)
    }

    @Test func `the own address is not taken, that of others is, deleted ones included`() async throws {
        let world = try TestEngine(Self.policy { $0.emailChange = .pending })
        let token = try await world.signedIn()
        await world.register("other@example.com")
        try await world.edit("other@example.com") { $0.status = .deleted }
        let rules = [FieldRule(slot: .email, wireName: "email", check: .unique)]
        for (email, kind) in [("ANA@example.com", nil), ("other@example.com", FailureKind.duplicate)] {
            #expect(await world.perform(.accountUpdate, [.email: email], bearer: token) { $0.rules = rules }.kind == kind)
        }
    }
}

@Suite struct AccountDeleteTests {
    @Test func `deletion keeps the identifiers taken, or erases all, as the policy says`() async throws {
        for (deletion, kind) in [(Policy.Deletion.keepsIdentifiers, FailureKind.duplicate), (.erases, nil)] {
            let world = try TestEngine(TestEngine.policy { $0.deletion = deletion })
            let token = try await world.signedIn()
            #expect(await world.perform(.accountDelete, bearer: token).outcome == .deleted)
            #expect(await world.read(token).failure?.kind.lineage.contains(.unauthenticated) == true)
            #expect(await world.login().kind == .unknownAccount)
            #expect(await world.register().kind == kind)
            #expect(await world.read(token).failure?.kind.lineage.contains(.unauthenticated) == true)
        }
    }
}

@Suite struct APIKeyTests {
    static func use(_ world: TestEngine, _ key: String) async -> OperationResult {
        await world.perform(.accountRead) {
            $0.credential = .apiKey(key)
            $0.credentialKinds = [.apiKey, .bearer]
        }
    }

    @Test func `a new key kills the old one at once`() async throws {
        let world = try TestEngine()
        let token = try await world.signedIn()
        let first = try #require(await world.perform(.apiKeyRotate, bearer: token).facts.apiKey)
        #expect(await Self.use(world, first).outcome == .found)
        let second = try #require(await world.perform(.apiKeyRotate, bearer: token).facts.apiKey)
        #expect(await Self.use(world, first).kind == .badKey)
        #expect(await Self.use(world, second).outcome == .found)
        try await world.edit(TestEngine.email) { $0.status = .suspended }
        #expect(await Self.use(world, second).kind == .accountSuspended)
    }

    @Test func `a key is nothing in another realm`() async throws {
        let world = try TestEngine()
        let token = try await world.signedIn()
        let key = try #require(await world.perform(.apiKeyRotate, bearer: token).facts.apiKey)
        let other = try TestEngine(realm: "other", store: world.store, clock: world.clock, seed: 2)
        #expect(await Self.use(other, key).kind == .badKey)
    }
}

@Suite struct UsageTests {
    @Test func `a hundred uses at once stop at the limit, and a use given back can be taken again`() async throws {
        let world = try TestEngine(TestEngine.policy { $0.plans = Policy.Plans(standard: "free", limits: ["free": 40]) })
        await world.register()
        let id = try #require(try await world.account(TestEngine.email)).id
        let taken = await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<100 { group.addTask { (try? await world.engine.takeUsage(of: id)) != nil } }
            return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
        #expect(taken == 40)
        try await world.engine.returnUsage(of: id)
        #expect(try await world.engine.takeUsage(of: id).count == 40)
        await #expect(throws: Failure(.usageExhausted, usage: UsageFacts(count: 40, limit: 40, plan: "free"))) {
            try await world.engine.takeUsage(of: id)
        }
    }

    @Test(
        arguments: [
            (1, 3, 33), (1, 2, 50), (0, 0, 0), (5, 0, 0), (Int64.max, 1, 100_000_000_000_000_000), (1, .max, 0), (.max, .max, 100),
            (.min, 10, 0),
        ] as [(Int64, Int64, Int64)])
    func `a share in percent is rounded, and no number is too large for it`(count: Int64, limit: Int64, percent: Int64) {
        #expect(UsageFacts(count: count, limit: limit, plan: "free").percent == percent)
    }

    @Test(arguments: [31, 70, 3650] as [Int64])
    func `a clock that was months ahead gives nobody a month's uses twice, and nobody waits for that month`(days: Int64) async throws {
        let world = try TestEngine(TestEngine.policy { $0.plans = Policy.Plans(standard: "free", limits: ["free": 5]) })
        await world.register()
        let id = try #require(try await world.account(TestEngine.email)).id
        for _ in 0..<3 { _ = try await world.engine.takeUsage(of: id) }
        world.clock.advance(.seconds(days * 86_400))
        #expect(try await world.engine.takeUsage(of: id).count == 1)
        world.clock.advance(.seconds(-days * 86_400))
        #expect(world.engine.usage(of: try await some(world.account(TestEngine.email))).count == 4)
        #expect(try await world.engine.takeUsage(of: id).count == 5)
        await #expect(throws: Failure(.usageExhausted, usage: UsageFacts(count: 5, limit: 5, plan: "free"))) {
            try await world.engine.takeUsage(of: id)
        }
        world.clock.advance(.seconds(31 * 86_400))
        #expect(try await world.engine.takeUsage(of: id).count == 1)
    }

    @Test func `a month starts at nothing, and an unlimited plan is never refused`() async throws {
        let plans = Policy.Plans(standard: "free", limits: ["free": 1], unlimited: ["all"])
        let world = try TestEngine(TestEngine.policy { $0.plans = plans })
        let token = try await world.signedIn()
        let id = try #require(try await world.account(TestEngine.email)).id
        _ = try await world.engine.takeUsage(of: id)
        world.clock.advance(.seconds(31 * 86_400))
        let fresh = try #require(await world.login().access)
        #expect(token != fresh)
        #expect(await world.perform(.accountStats, bearer: fresh).facts.usage?.count == 0)
        #expect(try await world.engine.takeUsage(of: id).count == 1)
        try await world.edit(TestEngine.email) { $0.plan = "all" }
        #expect(try await world.engine.takeUsage(of: id).count == 2)
    }
}
