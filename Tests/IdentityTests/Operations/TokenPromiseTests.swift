import Identity
import TestSupport
import Testing

/// T9 to T16 of the promises: what the engine adds to the signature.
@Suite struct TokenPromiseTests {
    static let secret = "a secret of tests, 32 bytes long"

    /// A token that the old backend might have signed with the same secret.
    static func foreign(_ members: [Value.Member], secret: String = Self.secret) throws -> String {
        try JWS.sign(
            headerJSON: Array(#"{"alg":"HS256","typ":"JWT"}"#.utf8), payloadJSON: JSONWriter.document(.object(members)),
            key: .hs256(secret: Array(secret.utf8)))
    }

    static func claims(_ id: AccountID, iat: Int64?, exp: Int64?) -> [Value.Member] {
        [.init("sub", .string(id.description))] + (iat.map { [.init("iat", .int($0))] } ?? [])
            + (exp.map { [.init("exp", .int($0))] } ?? [])
    }

    static func world() async throws -> (TestEngine, AccountID) {
        let world = try TestEngine()
        await world.register()
        return (world, try #require(try await world.account(TestEngine.email)).id)
    }

    @Test func `a token ends to the second`() async throws {
        let world = try TestEngine()
        let token = try await world.signedIn()
        world.clock.advance(.seconds(3599))
        #expect(await world.read(token).outcome == .found)
        world.clock.advance(.seconds(1))
        #expect(await world.read(token).kind == .expiredCredential)
    }

    @Test func `a token never passes to whoever is given its serial again by a restored store`() async throws {
        let world = try TestEngine(TestEngine.policy { $0.idCodec = .serial })
        await world.register()
        let account = try #require(try await world.account(TestEngine.email))
        let born = account.createdAt.seconds
        let token = { (iat: Int64?, exp: Int64) in
            try Self.foreign(Self.claims(account.id, iat: iat, exp: exp).map { $0.name == "sub" ? .init("sub", .int(account.serial)) : $0 })
        }
        #expect(await world.read(try token(born - 1, born + 600)).kind == .accountGone)
        #expect(await world.read(try token(nil, born + 600)).kind == .accountGone)
        #expect(await world.read(try token(born, born + 600)).outcome == .found)
    }

    @Test func `exp is required, and times of the future are refused`() async throws {
        let (world, id) = try await Self.world()
        let now = world.clock.now.seconds
        let cases: [(Int64?, Int64?, FailureKind?)] = [
            (now, now + 3600, nil), (nil, now + 60, nil), (now, nil, .badCredential), (now + 61, now + 3600, .badCredential),
            (now + 59, now + 3600, nil), (now, now + 7300, .badCredential), (now - 7200, now, .expiredCredential),
        ]
        for (iat, exp, kind) in cases {
            #expect(await world.read(try Self.foreign(Self.claims(id, iat: iat, exp: exp))).kind == kind)
        }
        let later = Self.claims(id, iat: now, exp: now + 60) + [.init("nbf", .int(now + 61))]
        #expect(await world.read(try Self.foreign(later)).kind == .badCredential)
    }

    @Test(arguments: [0, 1, 60])
    func `a token may be from the future by the leeway of its profile and no more`(leeway: Int64) async throws {
        let world = try TestEngine { $0.access.leeway = .seconds(leeway) }
        await world.register()
        let id = try #require(try await world.account(TestEngine.email)).id
        let now = world.clock.now.seconds
        for (ahead, kind) in [(leeway, nil), (leeway + 1, .badCredential)] as [(Int64, FailureKind?)] {
            #expect(await world.read(try Self.foreign(Self.claims(id, iat: now + ahead, exp: now + 100))).kind == kind)
            let notBefore = Self.claims(id, iat: now, exp: now + 101 + ahead) + [.init("nbf", .int(now + ahead))]
            #expect(await world.read(try Self.foreign(notBefore)).kind == kind)
        }
        #expect(await world.read(try Self.foreign(Self.claims(id, iat: now - 60, exp: now))).kind == .expiredCredential)
    }

    @Test func `a token that an instance a minute ahead has issued counts at once, and ends by this clock`() async throws {
        let store = MemoryStore()
        let ahead = try TestEngine(store: store) { $0.access.leeway = .zero }
        let world = try TestEngine(store: store, seed: 2) { $0.access.leeway = .zero }
        ahead.clock.advance(.seconds(60))
        let token = try await ahead.signedIn()
        #expect(await world.read(token).outcome == .found)
        world.clock.advance(.seconds(60 + 3599))
        #expect(await world.read(token).outcome == .found)
        world.clock.advance(.seconds(1))
        #expect(await world.read(token).kind == .expiredCredential)
        ahead.clock.advance(.seconds(3661))
        #expect(await world.read(try #require(await ahead.login().facts.token?.access)).kind == .badCredential)
    }

    @Test func `a token without a subject, or of another type, is refused`() async throws {
        let (world, id) = try await Self.world()
        let now = world.clock.now.seconds
        let exp = Value.Member("exp", .int(now + 60))
        #expect(await world.read(try Self.foreign([exp])).kind == .missingClaim)
        #expect(await world.read(try Self.foreign([.init("sub", .null), exp])).kind == .missingClaim)
        let other = Self.claims(id, iat: now, exp: now + 60) + [.init("type", .string("refresh"))]
        #expect(await world.read(try Self.foreign(other)).kind == .wrongType)
        #expect(await world.read(try Self.foreign(Self.claims(AccountID(high: 1, low: 1), iat: now, exp: now + 60))).kind == .accountGone)
    }

    @Test func `a required claim that is null or of another type makes a bad credential, once the token lives`() async throws {
        let world = try TestEngine { $0.access.required = [.init("email", .string), .init("iat", .integer), .init("type", .string)] }
        await world.register()
        let id = try #require(try await world.account(TestEngine.email)).id
        let now = world.clock.now.seconds
        let cases: [(Value?, Value?, Int64, FailureKind?)] = [
            (.string("a@b.c"), .string("access"), 60, nil),
            (nil, .string("access"), 60, .missingClaim),
            (.null, .string("access"), 60, .badCredential),
            (.int(1), .string("access"), 60, .badCredential),
            (.list([.string("a@b.c")]), .string("access"), 60, .badCredential),
            (.string("a@b.c"), nil, 60, .wrongType),
            (.string("a@b.c"), .null, 60, .wrongType),
            (.null, nil, 0, .expiredCredential),
        ]
        for (email, type, life, kind) in cases {
            let claims =
                Self.claims(id, iat: now - 60, exp: now + life) + (email.map { [.init("email", $0)] } ?? [])
                + (type.map { [.init("type", $0)] } ?? [])
            #expect(await world.read(try Self.foreign(claims)).kind == kind, "\(claims)")
        }
    }

    @Test func `tokens of one realm and key are nothing in another`() async throws {
        let store = MemoryStore()
        let one = try TestEngine(realm: "one", store: store)
        let token = try await one.signedIn()
        let twin = try TestEngine(realm: "two", store: store, seed: 2)
        await twin.register()
        #expect(await twin.read(token).kind == .revokedCredential)
        let stranger = try TestEngine(realm: "three", secret: "another secret of tests, 32 bytes", store: store, seed: 3)
        #expect(await stranger.read(token).kind == .badSignature)
    }

    @Test(arguments: ["", "x", "a.b", "a.b.c", "Bearer x.y.z", "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"])
    func `codes, links, keys and nonsense are no bearer tokens`(_ text: String) async throws {
        let world = try TestEngine()
        let kind = try #require(await world.read(text).kind)
        #expect(kind.lineage.contains(.unauthenticated))
    }

    @Test func `credentials of another kind, several or none are refused`() async throws {
        let world = try TestEngine()
        let cases: [(Credential, FailureKind)] = [(.none, .noCredential), (.ambiguous, .badCredential), (.apiKey("test_1"), .wrongKind)]
        for (credential, kind) in cases {
            #expect(await world.perform(.accountRead) { $0.credential = credential }.kind == kind)
        }
        let unknown = await world.perform(.accountRead) {
            $0.credential = .apiKey("test_1")
            $0.credentialKinds = [.apiKey]
        }
        #expect(unknown.kind == .badKey)
    }

    @Test func `after suspension, deletion or a change of role the old token has lost what it had`() async throws {
        let world = try TestEngine(TestEngine.policy { $0.roles.known = ["user", "admin"] })
        let token = try await world.signedIn()
        try await world.edit(TestEngine.email) { $0.role = "Admin" }
        #expect(await world.perform(.accountRead, bearer: token) { $0.roles = ["admin"] }.outcome == .found)
        try await world.edit(TestEngine.email) { $0.role = "user" }
        #expect(await world.perform(.accountRead, bearer: token) { $0.roles = ["admin"] }.kind == .forbidden)
        try await world.suspend(TestEngine.email)
        #expect(await world.read(token).kind == .accountSuspended)
        try await world.resume(TestEngine.email)
        #expect(await world.read(token).kind == .revokedCredential)
        let next = try #require(await world.login().access)
        #expect(await world.perform(.accountDelete, bearer: next).outcome == .deleted)
        #expect(await world.read(next).kind == .accountGone)
    }

    @Test func `after logout every other spelling of the token is refused, too`() async throws {
        let world = try TestEngine()
        let token = try await world.signedIn()
        _ = await world.perform(.logout, bearer: token)
        for spelling in [token, token + "=", token + " ", " " + token, token.replacing("-", with: "+")] {
            #expect(await world.read(spelling).failure != nil)
        }
    }

    @Test func `a living token has one spelling, also once it is remembered`() async throws {
        let world = try TestEngine()
        let token = try await world.signedIn()
        #expect(await world.read(token).outcome == .found)
        #expect(token.contains("K"))
        for spelling in [token.replacing("K", with: "\u{212A}"), token + "=", token + "\n"] {
            #expect(await world.read(spelling).failure != nil)
        }
    }

    // MARK: Tokens of the old backend

    @Test func `a key that no other backend ever had signs for none, so what is unknown is over`() async throws {
        let world = try TestEngine { $0.takesForeignTokens = false }
        let token = try await world.signedIn()
        let id = try #require(try await world.account(TestEngine.email)).id
        let now = world.clock.now.seconds
        #expect(await world.read(token).outcome == .found)
        #expect(await world.read(try Self.foreign(Self.claims(id, iat: now, exp: now + 600))).kind == .revokedCredential)
    }

    @Test func `an old backend's token may say any time of issue and costs nothing but itself`() async throws {
        let (world, id) = try await Self.world()
        let now = world.clock.now.seconds
        for iat in [Int64.min, -1, 0] {
            #expect(await world.read(try Self.foreign(Self.claims(id, iat: iat, exp: now + 600))).outcome == .found)
        }
        #expect(await world.read(try Self.foreign(Self.claims(id, iat: .max, exp: now + 600))).kind == .badCredential)
        #expect(await world.read(try Self.foreign(Self.claims(id, iat: now, exp: .min))).kind == .expiredCredential)
    }

    @Test func `an old backend's token counts, ends by logout alone, and by the next change of the password`() async throws {
        let (world, id) = try await Self.world()
        let now = world.clock.now.seconds
        let one = try Self.foreign(Self.claims(id, iat: now, exp: now + 600))
        let two = try Self.foreign(Self.claims(id, iat: now, exp: now + 601))
        let timeless = try Self.foreign(Self.claims(id, iat: nil, exp: now + 602))
        #expect(await world.perform(.logout, bearer: one).outcome == .signedOut)
        #expect(await world.read(one).kind == .revokedCredential)
        #expect(await world.read(two).outcome == .found)
        #expect(await PasswordChangeTests.change(world, two).outcome == .changed)
        #expect(await world.read(two).outcome == .found)
        #expect(await world.read(timeless).kind == .revokedCredential)
        let same = try Self.foreign(Self.claims(id, iat: now, exp: now + 603))
        #expect(await world.read(same).kind == .revokedCredential)
        let later = try Self.foreign(Self.claims(id, iat: now + 1, exp: now + 603))
        #expect(await world.read(later).outcome == .found)
        _ = await world.perform(.logout, bearer: two)
        #expect(await world.read(two).kind == .revokedCredential)
    }

    @Test(arguments: ["reset", "change", "suspension"])
    func `an old backend's token that has ended stays so when sessions end once more under a clock set back`(_ way: String) async throws {
        let (world, id) = try await Self.world()
        let now = world.clock.now.seconds
        let old = try Self.foreign(Self.claims(id, iat: now, exp: now + 3600))
        world.clock.advance(.seconds(10))
        let first = try await PasswordResetTests.link(world)
        #expect(await PasswordResetTests.reset(world, first, TestEngine.password).outcome == .reset)
        #expect(await world.read(old).kind == .revokedCredential)
        world.clock.advance(.seconds(-1800))
        let own = try #require(await world.login().access)
        switch way {
        case "reset":
            _ = try await PasswordResetTests.link(world)
            let second = try #require(try await world.mails(.reset).compactMap(\.link).first { $0 != first })
            #expect(await PasswordResetTests.reset(world, second).outcome == .reset)
        case "change":
            #expect(await PasswordChangeTests.change(world, own).outcome == .changed)
        default:
            try await world.suspend(TestEngine.email)
            #expect(await world.read(own).kind == .accountSuspended)
            try await world.resume(TestEngine.email)
        }
        world.clock.advance(.seconds(1800))
        #expect(await world.read(old).kind == .revokedCredential)
    }

    @Test func `when the store does not answer nobody passes`() async throws {
        let world = try TestEngine()
        let token = try await world.signedIn()
        await world.store.close()
        let result = await world.read(token)
        #expect(result.kind == .unavailable)
        #expect(result.failure?.retryAfter == .seconds(1))
    }

    @Test func `the caller is judged before the body, the body before the fields`() async throws {
        let world = try TestEngine()
        let token = try await world.signedIn()
        let rules = [FieldRule(slot: .email, wireName: "email", check: .required)]
        let ask = { (bearer: String?, unreadable: FailureKind?, roles: [String]?) in
            await world.perform(.accountUpdate, bearer: bearer) {
                $0.unreadable = unreadable
                $0.roles = roles
                $0.rules = rules
            }.kind
        }
        #expect(await ask(nil, .malformed, ["admin"]) == .noCredential)
        #expect(await ask(token, .malformed, ["admin"]) == .forbidden)
        #expect(await ask(token, .malformed, nil) == .malformed)
        #expect(await ask(token, nil, nil) == .invalid)
    }
}
