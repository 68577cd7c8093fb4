package import Identity

/// An engine over a store in memory, with a clock, a randomness and a mailbox that tests hold in their hands.
package struct TestEngine: Sendable {
    package let clock: TestClock
    package let events: TestEvents
    package let store: any IdentityStore
    /// To be filled by the test, where it has a store of its own.
    package let known = KnownTokens()
    package let engine: IdentityEngine

    /// Frontends that share a store and a clock are made by passing them.
    package init(
        _ policy: Policy = TestEngine.policy(), realm: String = "realm", secret: String = "a secret of tests, 32 bytes long",
        refresh: Bool = false, jti: TokenProfile.JTIForm? = .uuid, store: (any IdentityStore)? = nil, clock: TestClock = TestClock(),
        seed: UInt64 = 1, hasher: PasswordHasher = TestEngine.hasher, adjust: (inout Frontend) -> Void = { _ in }
    ) throws {
        let random = CountedRandomness(seed: seed)
        let events = TestEvents()
        // Alone with its store, it remembers who showed which token, as a server does.
        let mark = ChangeMark()
        let kept = store ?? MarkedStore(MemoryStore(), mark: mark, known: known)
        let keys = try KeyRing(current: .hs256(secret: Array(secret.utf8)))
        var frontend = Frontend(
            name: realm, realm: realm, policy: policy, access: Self.access(policy, jti: jti),
            refresh: refresh ? Self.refreshProfile(policy) : nil, keys: { keys }, issuer: "http://localhost",
            apiKeyForm: APIKeyShape(prefix: "test_"), compose: { Self.payload($0) })
        adjust(&frontend)
        self.clock = clock
        self.events = events
        self.store = kept
        engine = IdentityEngine(
            environment: IdentityEnvironment(
                store: kept, now: { clock.now }, random: { random.bytes($0) }, hasher: hasher,
                commonPasswords: CommonPasswords(lines: Array("password123\nletmein99\n".utf8)),
                signing: SigningThreads(threads: Self.signers), report: { event, _ in events.add(event) }),
            frontend: frontend, cache: store == nil ? PrincipalCache(mark: mark, known: known) : nil)
    }

    package static let hasher = PasswordHasher(cores: 2, waitingLimit: 10_000)
    private static let signers = HashingThreads(count: 1, waitingLimit: 100)

    /// The standard policy with a password scheme of the lowest cost.
    package static func policy(_ adjust: (inout Policy) -> Void = { _ in }) -> Policy {
        var policy = Policy()
        policy.password.scheme = PasswordScheme(cost: 4, variant: "2b")
        policy.reveals = Set(Policy.Revealing.allCases)
        adjust(&policy)
        return policy
    }

    package func perform(
        _ operation: OperationName, _ slots: [Slot: String] = [:], bearer: String? = nil,
        _ adjust: (inout OperationRequest) -> Void = { _ in }
    ) async -> OperationResult {
        var request = OperationRequest(
            operation: operation, slots: slots.reduce(into: [:]) { $0[$1.key] = SlotValue(.string($1.value), wireName: $1.key.rawValue) },
            credential: bearer.map(Credential.bearer) ?? .none, need: OperationSignature.all[operation]?.need ?? .none)
        adjust(&request)
        return await engine.perform(request)
    }

    /// What waits in the outbox, oldest first.
    package func mails() async throws -> [TestMail] {
        try await store.read { try $0.outbox(state: nil, limit: 1000) }.sorted { ($0.createdAt, $0.id) < ($1.createdAt, $1.id) }
            .compactMap { Self.mail($0) }
    }

    package func mails(_ kind: NoticeKind) async throws -> [TestMail] { try await mails().filter { $0.kind == kind } }

    /// The newest mail of a kind.
    package func mail(_ kind: NoticeKind) async throws -> TestMail? {
        try await store.read { try $0.outbox(state: nil, limit: 1000) }.filter { $0.notice == kind }
            .max { $0.createdAt < $1.createdAt }.flatMap { Self.mail($0) }
    }

    package func account(_ email: String) async throws -> Account? {
        let realm = engine.frontend.realm
        return try await store.read { try $0.account(.email, key: IdentifierKey(email), realm: realm) }
    }

    /// Writes an account as an operator would.
    package func edit(_ email: String, _ change: @escaping @Sendable (inout Account) -> Void) async throws {
        let realm = engine.frontend.realm
        try await store.write { store in
            guard var account = try store.account(.email, key: IdentifierKey(email), realm: realm) else { return }
            change(&account)
            _ = try store.update(account)
        }
    }

    /// Suspends an account as an operator would.
    package func suspend(_ email: String) async throws {
        let (realm, now) = (engine.frontend.realm, clock.now)
        try await store.write { store in
            guard let account = try store.account(.email, key: IdentifierKey(email), realm: realm) else { return }
            _ = try store.suspend(account, at: now)
        }
    }

    package func resume(_ email: String) async throws {
        let (realm, now) = (engine.frontend.realm, clock.now)
        try await store.write { store in
            guard let account = try store.account(.email, key: IdentifierKey(email), realm: realm) else { return }
            _ = try store.resume(account, at: now)
        }
    }

    // MARK: Mails as text

    private static func payload(_ notice: Notice) -> [UInt8] {
        let facts = notice.facts.notice
        let parts = [
            facts?.code ?? "", facts?.link ?? "", facts?.lifetime.map { String($0.components.seconds) } ?? "",
            notice.facts.account?.account.shownEmail ?? "",
        ]
        return Array(parts.joined(separator: "\n").utf8)
    }

    private static func mail(_ entry: OutboxEntry) -> TestMail? {
        let parts = String(decoding: entry.payload, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 4 else { return nil }
        return TestMail(
            kind: entry.notice, recipient: entry.recipient, code: parts[0].isEmpty ? nil : parts[0],
            link: parts[1].isEmpty ? nil : parts[1],
            lifetime: Int64(parts[2]).map { .seconds($0) }, shownEmail: parts[3])
    }

    // MARK: Token profiles

    private static func access(_ policy: Policy, jti: TokenProfile.JTIForm?) -> TokenProfile {
        profile(.access, policy, lifetime: .seconds(3600), jti: jti, type: "access")
    }

    private static func refreshProfile(_ policy: Policy) -> TokenProfile {
        profile(.refresh, policy, lifetime: .seconds(30 * 86_400), jti: .hex(64), type: "refresh")
    }

    private static func profile(
        _ purpose: TokenPurpose, _ policy: Policy, lifetime: Duration, jti: TokenProfile.JTIForm?, type: String
    ) -> TokenProfile {
        TokenProfile(
            purpose: purpose, header: Array(#"{"alg":"HS256","typ":"JWT"}"#.utf8),
            claims: { facts in
                var members: [Value.Member] = [
                    .init("sub", facts.account.wireID), .init("role", .string(facts.account.account.role)), .init("type", .string(type)),
                    .init("iat", .int(facts.issuedAt)), .init("exp", .int(facts.expiresAt)),
                ]
                if jti != nil { members.append(.init("jti", .string(facts.jti))) }
                return JSONWriter.document(.object(members))
            },
            lifetime: lifetime, jti: jti, subject: "sub", subjectCodec: policy.idCodec, constants: ["type": .string(type)])
    }
}

extension OperationResult {
    package var outcome: Outcome? {
        guard case .outcome(let outcome, _) = self else { return nil }
        return outcome
    }

    package var failure: Failure? {
        guard case .failure(let failure, _) = self else { return nil }
        return failure
    }

    package var kind: FailureKind? { failure?.kind }

    package var facts: Facts {
        switch self {
        case .outcome(_, let facts), .failure(_, let facts): facts
        }
    }

    package var access: String? { facts.token?.access }
    package var refresh: String? { facts.token?.refresh }
}
