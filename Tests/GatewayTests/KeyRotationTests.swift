import DialectEngine
import FoundationEssentials
import Identity
import Synchronization
import TestSupport
import Testing

@testable import Gateway

/// What clients of one gateway, and of several over one store, see when a key is replaced.
@Suite struct KeyRotationTests {
    /// A clock that a test moves.
    private final class Clock: Sendable {
        private let ahead = Mutex(Duration.zero)
        private let standing: Instant?

        init(standing: Instant? = nil) { self.standing = standing }

        var now: Instant { (standing ?? SystemClock.now()) + ahead.withLock(\.self) }

        func advance(_ span: Duration) { ahead.withLock { $0 += span } }
        func advance(to moment: Instant) { advance(moment - now) }
    }

    private static let storeKey = "a store key of 32 bytes and more, for tests"
    private static let given = (
        old: "the old secret of a frontend: 32 bytes and more", new: "the new secret of a frontend: 32 bytes and more"
    )

    private static func configuration(storeKey: String? = storeKey) -> String {
        (storeKey.map { "store-key: \($0)\n" } ?? "") + TestGateway.pocket
    }

    /// Two gateways over one store, started together.
    private static func withFleet(
        _ algorithm: String = "HS256", clock: Clock = Clock(), _ body: ([TestGateway], TestFolder) async throws -> Void
    ) async throws {
        let folder = try TestFolder()
        defer { folder.remove() }
        try folder.write("config.yaml", configuration())
        try folder.edit("Dialects/pocket/dialect.yaml") { $0.replacing("HS256", with: algorithm) }
        async let one = TestGateway(folder, now: { clock.now }, isShared: true)
        async let other = TestGateway(folder, now: { clock.now }, isShared: true)
        let fleet = try await [one, other]
        do {
            try await body(fleet, folder)
        } catch {
            for gateway in fleet { try? await gateway.stop() }
            throw error
        }
        for gateway in fleet { try await gateway.stop() }
    }

    /// Waits until it is so.
    private static func until(_ seconds: Int = 20, _ body: () async throws -> Bool) async throws -> Bool {
        let end = ContinuousClock.now + .seconds(seconds)
        while ContinuousClock.now < end {
            if try await body() { return true }
            try await Task.sleep(for: .milliseconds(20))
        }
        return false
    }

    private static func keys(_ gateway: TestGateway) async throws -> [Value] {
        guard case .list(let keys)? = try await gateway.send("GET", "/.well-known/jwks.json").json?["keys"] else { return [] }
        return keys
    }

    /// Whether the key of a key set has signed the token.
    private static func has(_ jwk: Value, signed token: String) throws -> Bool {
        let numbers = try ["n", "e"].map { try #require(Base64URL.decode(Array((jwk[$0]?.string ?? "").utf8))) }
        let key = try VerificationKey.rs256(modulus: numbers[0], exponent: numbers[1])
        return (try? JWS.payload(token, key: key)) != nil
    }

    private static func status(_ gateway: TestGateway, _ token: String) async throws -> Int {
        try await gateway.send("GET", "/me", token: token).status
    }

    // MARK: One machine

    @Test func `a gateway takes a new key over by itself, and tokens of the old one still count`() async throws {
        try await TestGateway.with { gateway, folder async throws -> Void in
            let old = try await gateway.signIn()
            let before = try String(contentsOfFile: folder.path + "/state/keys/pocket.secret", encoding: .utf8)
            let said = try await KeyCommands.rotate(gateway.deployment, frontend: "pocket")
            #expect(said.text.contains("a running `dragoman serve` takes it over within one second"))
            let after = try String(contentsOfFile: folder.path + "/state/keys/pocket.secret", encoding: .utf8)
            #expect(before != after && !said.text.contains(after) && !said.text.contains(before))
            let key = try VerificationKey.hs256(after)
            #expect(try await Self.until { JWS.isSigned(try await gateway.signIn(), by: key) })
            #expect(try await Self.status(gateway, old) == 200)
            #expect(gateway.lines.all.contains { $0.contains("other keys") && $0.contains("frontend=pocket") })
        }
    }

    @Test func `without overlap what the old key signed is refused at once, remembered or not`() async throws {
        try await TestGateway.with { gateway, folder async throws -> Void in
            let tokens = [try await gateway.signIn(), try await gateway.signIn("bob@example.com")]
            #expect(try await Self.status(gateway, tokens[0]) == 200)
            _ = try await KeyCommands.rotate(gateway.deployment, frontend: "pocket", overlap: .zero)
            #expect(try await gateway.answers("/me", token: tokens[0], with: 401))
            #expect(try await Self.status(gateway, tokens[1]) == 401)
            #expect(try await Self.status(gateway, gateway.signIn()) == 200)
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path + "/state/keys") == ["pocket.secret"])
        }
    }

    @Test func `what is remembered of a token ends with the overlap of its key`() async throws {
        let clock = Clock()
        try await TestGateway.with(now: { clock.now }) { gateway, _ async throws -> Void in
            let token = try await gateway.signIn()
            _ = try await KeyCommands.rotate(gateway.deployment, frontend: "pocket", overlap: .seconds(100))
            #expect(try await Self.until { gateway.lines.all.contains { $0.contains("other keys") } })
            clock.advance(.seconds(60))
            #expect(try await Self.status(gateway, token) == 200)
            clock.advance(.seconds(60))
            #expect(try await gateway.answers("/me", token: token, with: 401))
        }
    }

    @Test func `the old key verifies for as long as its last token could be renewed`() async throws {
        try await TestGateway.with { gateway, _ async throws -> Void in
            let said = try await KeyCommands.rotate(gateway.deployment, frontend: "pocket")
            let until = try #require(said.value["until"]?.string.flatMap(Instant.init(iso8601:)))
            let dialect = try #require(gateway.deployment.plan.frontends.first?.dialect)
            let life = Frontend.longestTokenLife(
                access: dialect.access.lifetime, refresh: dialect.refresh?.lifetime, renewal: dialect.policy.renewal)
            let left = until - SystemClock.now()
            #expect(left > life && left <= life + .seconds(60))
        }
    }

    @Test func `a key file that cannot be used is told once, and what runs goes on`() async throws {
        try await TestGateway.with { gateway, folder async throws -> Void in
            let token = try await gateway.signIn()
            let path = folder.path + "/state/keys/pocket.secret"
            try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: path)
            let told = { gateway.lines.all.count { $0.contains("the keys cannot be read") } }
            #expect(try await Self.until { told() > 0 })
            #expect(try await Self.status(gateway, token) == 200)
            #expect(try await gateway.send("GET", "/readyz", port: gateway.management, address: "127.0.0.9").status == 200)
            try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path)
            #expect(try await Self.until { gateway.lines.all.contains { $0.contains("the keys are read again") } })
            #expect(told() == 1)
        }
    }

    // MARK: A fleet

    @Test func `instances that start together on an empty store have one key, sealed in the store and nowhere else`() async throws {
        try await Self.withFleet { fleet, folder in
            let token = try await fleet[0].signIn()
            #expect(try await Self.status(fleet[0], token) == 200)
            #expect(try await Self.status(fleet[1], token) == 200)
            let rows = try await fleet[0].assembly.environment.store.read { try $0.sealedKeys() }
            #expect(rows.map(\.number) == [1] && rows.map(\.name.frontend) == ["pocket"])
            #expect(!FileManager.default.fileExists(atPath: folder.path + "/state/keys"))
            // Not even the file of the database has it.
            let name = KeyName(realm: "pocket", frontend: "pocket", use: .tokens, algorithm: .hs256)
            let text = try #require(KeySeal(SecretText(Self.storeKey)).open(rows[0].sealed, as: name, number: 1))
            for name in ["dragoman.sqlite", "dragoman.sqlite-wal"] {
                let bytes = try Data(contentsOf: URL(filePath: "\(folder.path)/state/\(name)"))
                #expect(!String(decoding: bytes, as: UTF8.self).contains(String(decoding: text, as: UTF8.self)))
            }
        }
    }

    @Test func `a new key is shown by every instance before any signs with it, and the old one until its overlap ends`() async throws {
        // It stands still, however slow the machine is.
        let clock = Clock(standing: SystemClock.now())
        try await Self.withFleet("RS256", clock: clock) { fleet, _ in
            let first = try await Self.keys(fleet[0])
            #expect(first.count == 1)
            #expect(try await Self.keys(fleet[1]) == first)
            let old = try await fleet[0].signIn()
            let said = try await KeyCommands.rotate(fleet[1].deployment, frontend: "pocket", overlap: .seconds(30 * 86_400))
            #expect(said.text.contains("on every instance from"))
            for gateway in fleet {
                #expect(try await Self.until { try await Self.keys(gateway).count == 2 })
                #expect(try await Self.keys(gateway).first == first.first)
                let early = try await gateway.signIn("early@example.com")
                #expect(try Self.has(first[0], signed: early))
            }
            clock.advance(to: try #require(said.value["signs-from"]?.string.flatMap(Instant.init(iso8601:))) + .seconds(1))
            let both = try await Self.keys(fleet[0])
            #expect(both.count == 2 && both.last == first.first)
            for gateway in fleet {
                #expect(try await Self.keys(gateway) == both)
                let new = try await gateway.signIn("late@example.com")
                #expect(try Self.has(both[0], signed: new))
                for other in fleet {
                    #expect(try await Self.status(other, new) == 200)
                    #expect(try await Self.status(other, old) == 200)
                }
            }
            let listed = try await KeyCommands.show(fleet[0].deployment)
            #expect(listed.value.count == 2 && !listed.text.contains("PRIVATE"))

            clock.advance(to: try #require(said.value["until"]?.string.flatMap(Instant.init(iso8601:))) - .seconds(1))
            #expect(try await Self.keys(fleet[1]) == both)
            clock.advance(.seconds(2))
            #expect(try await Self.keys(fleet[1]) == [both[0]])
            let gone = try await fleet[0].assembly.environment.store.write { [now = clock.now] in try $0.prune(at: now, limit: 100) }
            #expect(gone > 0)
            #expect(try await fleet[0].assembly.environment.store.read { try $0.sealedKeys() }.map(\.number) == [2])
        }
    }

    @Test func `a leaked key is refused by every instance at once`() async throws {
        try await Self.withFleet { fleet, _ in
            let token = try await fleet[0].signIn()
            for gateway in fleet { #expect(try await Self.status(gateway, token) == 200) }
            _ = try await KeyCommands.rotate(fleet[0].deployment, frontend: "pocket", overlap: .zero)
            for gateway in fleet { #expect(try await gateway.answers("/me", token: token, with: 401)) }
            let new = try await fleet[1].signIn()
            for gateway in fleet { #expect(try await Self.status(gateway, new) == 200) }
        }
    }

    @Test func `a rotation fails no request on a connection that is open`() async throws {
        let clock = Clock()
        try await Self.withFleet(clock: clock) { fleet, _ in
            let token = try await fleet[0].signIn()
            let connection = try await RawConnection.open(fleet[1].port)
            for step in 0..<40 {
                if step == 5 { _ = try await KeyCommands.rotate(fleet[0].deployment, frontend: "pocket") }
                if step == 20 { clock.advance(.seconds(6)) }
                try await connection.send(
                    "GET /me HTTP/1.1\r\nHost: pocket.test\r\nX-Step: \(step)\r\nAuthorization: Bearer \(token)\r\n\r\n")
                await connection.wait(for: "}")
                if step == 19 { #expect(try await Self.until { fleet[1].lines.all.contains { $0.contains("other keys") } }) }
            }
            try await connection.send("GET /me HTTP/1.1\r\nHost: pocket.test\r\nConnection: close\r\n\r\n")
            let answers = try await connection.rest().split(separator: "HTTP/1.1 ").map { $0.prefix(3) }
            #expect(answers.count == 41 && answers.dropLast().allSatisfy { $0 == "200" })
        }
    }

    @Test func `an instance that cannot read the keys within the lead is not ready`() async throws {
        let folder = try TestFolder()
        defer { folder.remove() }
        try folder.write("config.yaml", Self.configuration())
        let gateway = try await TestGateway(folder, isShared: true, keyLead: .milliseconds(300))
        let ready = { try await gateway.send("GET", "/readyz", port: gateway.management, address: "127.0.0.9") }
        #expect(try await Self.until { try await ready().status == 200 })
        let token = try await gateway.signIn()
        let now = SystemClock.now()
        let name = SealedKey.Name(realm: "pocket", frontend: "pocket", purpose: "tokens", algorithm: "HS256")
        _ = try await gateway.assembly.environment.store.write {
            try $0.insert(SealedKey(name: name, number: 2, sealed: [1, 2, 3], createdAt: now, signsFrom: now))
        }
        #expect(try await Self.until { try await ready().status == 503 })
        #expect(try await ready().body == "the keys cannot be read\n")
        #expect(try await gateway.send("GET", "/metrics", port: gateway.management, address: "127.0.0.9").body.contains("dragoman_ready 0"))
        #expect(try await Self.status(gateway, token) == 200)
        _ = try await gateway.assembly.environment.store.write { try $0.endKeys(of: name, below: 3, at: now) }
        _ = try await KeyCommands.rotate(gateway.deployment, frontend: "pocket", overlap: .zero)
        #expect(try await Self.until { try await ready().status == 200 })
        try await gateway.stop()
    }

    @Test func `another store-key, or none, refuses the start in words that say what to do`() async throws {
        let folder = try TestFolder()
        defer { folder.remove() }
        try folder.write("config.yaml", Self.configuration())
        try await TestGateway(folder, isShared: true).stop()
        for (storeKey, words) in [
            ("another store key of 32 bytes and more, for tests", "Use the `store-key` of the other instances"),
            (nil, "store-key: env:DRAGOMAN_STORE_KEY"),
        ] {
            try folder.write("config.yaml", Self.configuration(storeKey: storeKey))
            let fault = await #expect(throws: AssemblyFault.self) { try await TestGateway(folder, isShared: true).stop() }
            #expect(fault?.description.contains(words) == true, "\(fault?.description ?? "")")
            #expect(fault?.description.contains("for tests") == false)
        }
    }

    // MARK: Keys of the configuration

    private static func configuration(_ keys: String) -> String { TestGateway.pocket + "\n    keys: { \(keys) }" }

    @Test func `an older key of the configuration verifies, never signs, and counts until it is taken out`() async throws {
        try await TestGateway.with(Self.configuration("access: \"\(Self.given.old)\"")) { gateway, folder async throws -> Void in
            let old = try await gateway.signIn()
            try folder.write("config.yaml", Self.configuration("access: \"\(Self.given.new)\", older: [\"\(Self.given.old)\"]"))
            #expect(await gateway.assembly.reload().errors.isEmpty)
            #expect(try await Self.status(gateway, old) == 200)
            let new = try await gateway.signIn()
            #expect(JWS.isSigned(new, by: try VerificationKey.hs256(Self.given.new)))
            var deployment = gateway.deployment
            deployment.plan = try Deployment.read(folder.path + "/config.yaml", environment: [:]).plan
            let listed = try await KeyCommands.show(deployment)
            #expect(listed.text.contains("verifies as long as it stands in `older`"))
            #expect(listed.value.count == 2 && !listed.text.contains("secret"))

            try folder.write("config.yaml", Self.configuration("access: \"\(Self.given.new)\""))
            #expect(await gateway.assembly.reload().errors.isEmpty)
            #expect(try await Self.status(gateway, old) == 401)
            #expect(try await Self.status(gateway, new) == 200)
        }
    }

    @Test(arguments: [
        ("env:SHOP_SECRET", "\"env:SHOP_SECRET\""), ("env:SHOP_SECRET|\(given.old)", "\"env:SHOP_SECRET\""),
        (given.old, "what `access` is now"),
    ])
    func `whoever rotates a key of the configuration is told what to write there`(written: String, shown: String) async throws {
        let folder = try TestFolder()
        defer { folder.remove() }
        try folder.write("config.yaml", Self.configuration("access: \"\(written)\""))
        let deployment = try Deployment.read(folder.path + "/config.yaml", environment: ["SHOP_SECRET": Self.given.old])
        let fault = await #expect(throws: AssemblyFault.self) { _ = try await KeyCommands.rotate(deployment, frontend: "pocket") }
        let words = fault?.description ?? ""
        for line in ["openssl rand -base64 48", "access: env:NEW_KEY", "older: [\(shown)]", "reload (SIGHUP)", "first, beside the present"]
        {
            #expect(words.contains(line), "\(line)")
        }
        #expect(!words.contains(Self.given.old))
    }

    @Test func `a store that instances share wants a store-key for keys that are generated`() throws {
        let folder = try TestFolder()
        defer { folder.remove() }
        try folder.write("config.yaml", TestGateway.pocket)
        var configuration = try Deployment.read(folder.path + "/config.yaml", environment: [:]).plan.configuration
        configuration.keysAreInStore = true
        let (plan, report) = Planner.plan(configuration)
        #expect(plan == nil && report.errors.count == 1)
        #expect(report.errors.first?.message.contains("openssl rand -base64 48") == true)
        #expect(report.errors.first?.place.line == 4)
        configuration.storeKey = SecretText(Self.storeKey)
        #expect(Planner.plan(configuration).plan != nil)
        configuration.storeKey = nil
        configuration.frontends[0].keys.access = SecretText(Self.given.new)
        #expect(Planner.plan(configuration).plan != nil)
    }

    @Test(arguments: [
        ("0", Duration.zero), ("0s", .zero), ("90s", .seconds(90)), ("10m", .seconds(600)), ("30d", .seconds(30 * 86_400)), ("30", nil),
        ("-1d", nil), ("", nil), ("d", nil), ("99999d", nil), ("1w", nil),
    ])
    func `an overlap is a span or nothing`(typed: String, span: Duration?) { #expect(KeyCommands.overlap(typed) == span) }
}

extension VerificationKey {
    fileprivate static func hs256(_ secret: String) throws -> VerificationKey {
        try SigningKey.hs256(secret: Array(secret.utf8)).verification
    }
}

extension JWS {
    fileprivate static func isSigned(_ token: String, by key: VerificationKey) -> Bool { (try? payload(token, key: key)) != nil }
}
