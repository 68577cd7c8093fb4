import DialectEngine
import FoundationEssentials
import Identity
import Synchronization
import Testing

@testable import Gateway

/// What an upstream that was told `internal-token: true` can rely on.
@Suite struct InternalTokenTests {
    /// A clock that a test moves.
    private final class Clock: Sendable {
        private let ahead = Mutex(Duration.zero)

        var now: Instant { SystemClock.now() + ahead.withLock(\.self) }

        func advance(_ span: Duration) { ahead.withLock { $0 += span } }
    }

    /// An upstream's own judgement of a token.
    private enum Verdict: Equatable {
        case isFor(subject: String, kid: String)
        case unknownKey, badSignature, foreign, expired
    }

    private static func configuration(_ upstream: HeadUpstream, isOn: Bool = true) -> String {
        TestGateway.pocket + "\n    upstreams: { app: { url: \"\(upstream.url)\", internal-token: \(isOn) } }"
    }

    /// Starts an upstream and a gateway before it.
    private static func with(
        now: @escaping @Sendable () -> Instant = SystemClock.now, prepare: (TestFolder) throws -> Void = { _ in },
        _ body: (TestGateway, TestFolder, HeadUpstream) async throws -> Void
    ) async throws {
        let upstream = try await HeadUpstream.start()
        try await TestGateway.with(configuration(upstream), now: now, prepare: prepare) { gateway, folder in
            try await body(gateway, folder, upstream)
        }
        try await upstream.stop()
    }

    private static func keys(_ gateway: TestGateway) async throws -> [Value] {
        let answer = try await gateway.send("GET", "/.well-known/jwks.json")
        guard answer["content-type"] == "application/jwk-set+json", case .list(let keys)? = answer.json?["keys"] else { return [] }
        return keys
    }

    /// As an upstream would: by the key set alone, its own name and its clock.
    private static func judge(_ token: String, by keys: [Value], audience: String, at now: Instant) throws -> Verdict {
        let parts = token.split(separator: ".", omittingEmptySubsequences: false)
        let header = try JSONReader.read(try #require(Base64URL.decode(Array(parts[0].utf8))))
        #expect(header["alg"] == .string("EdDSA"))
        let kid = try #require(header["kid"]?.string)
        guard let jwk = keys.first(where: { $0["kid"]?.string == kid }) else { return .unknownKey }
        #expect(jwk["kty"] == .string("OKP") && jwk["crv"] == .string("Ed25519") && jwk["alg"] == .string("EdDSA"))
        #expect(jwk["use"] == .string("sig") && jwk["d"] == nil)
        let x = Array((jwk["x"]?.string ?? "").utf8)
        let key = try VerificationKey.edDSA(publicBytes: try #require(Base64URL.decode(x)), kid: kid)
        guard let payload = try? JWS.payload(token, key: key) else { return .badSignature }
        let claims = try JSONReader.read(payload)
        guard claims["aud"]?.string == audience else { return .foreign }
        let rules = ClaimRules(leeway: .zero, maximumLifetime: .seconds(60))
        guard let times = try? rules.times(claims, now: now), times.expiresAt > now else { return .expired }
        return .isFor(subject: try #require(claims["sub"]?.string), kid: kid)
    }

    private static func claims(_ token: String) throws -> Value {
        try JSONReader.read(try #require(Base64URL.decode(Array(token.split(separator: ".")[1].utf8))))
    }

    @Test func `an upstream learns from the token who is calling, and believes it by the key set alone`() async throws {
        try await Self.with { gateway, _, upstream in
            let token = try await gateway.signIn()
            #expect(try await gateway.send("GET", "/notes/1", token: token).status == 200)
            let shown = upstream.last("X-Dragoman-Token")
            #expect(shown.count == 1)
            let keys = try await Self.keys(gateway)
            // The frontend's own secret is not among them.
            #expect(keys.count == 1)
            let account = upstream.last("X-Dragoman-Account").first ?? ""
            let kid = try #require(keys.first?["kid"]?.string)
            #expect(try Self.judge(shown[0], by: keys, audience: "app", at: SystemClock.now()) == .isFor(subject: account, kid: kid))

            let claims = try Self.claims(shown[0])
            guard case .object(let members) = claims else { return }
            #expect(members.map(\.name) == ["iss", "sub", "aud", "iat", "exp", "jti", "email", "role", "realm"])
            #expect(claims["iss"] == .string("http://pocket.test") && claims["aud"] == .string("app"))
            #expect(claims["email"] == .string("ann@example.com") && claims["role"] == .string("member"))
            #expect(claims["realm"] == .string("pocket"))
            #expect(try #require(claims["exp"]?.int) - #require(claims["iat"]?.int) == 60)

            _ = try await gateway.send("GET", "/notes/2", token: token)
            #expect(try Self.claims(upstream.last("X-Dragoman-Token")[0])["jti"] != claims["jti"])
        }
    }

    @Test func `what was altered, is for another or is over is refused`() async throws {
        try await Self.with { gateway, _, upstream in
            let bearer = try await gateway.signIn()
            _ = try await gateway.send("GET", "/notes/1", token: bearer)
            let token = upstream.last("X-Dragoman-Token")[0]
            let keys = try await Self.keys(gateway)
            let now = SystemClock.now()
            #expect(try Self.judge(token, by: keys, audience: "billing", at: now) == .foreign)
            #expect(try Self.judge(token, by: keys, audience: "app", at: now + .seconds(60)) == .expired)
            #expect(try Self.judge(token, by: [], audience: "app", at: now) == .unknownKey)
            let parts = token.split(separator: ".").map(String.init)
            let raised = String(decoding: try #require(Base64URL.decode(Array(parts[1].utf8))), as: UTF8.self)
                .replacing("member", with: "chief")
            let altered = [
                "\(parts[0]).\(Base64URL.encode(Array(raised.utf8))).\(parts[2])",
                "\(parts[0]).\(parts[1]).\(Base64URL.encode([UInt8](repeating: 7, count: 64)))", "\(parts[0]).\(parts[1]).",
            ]
            for token in altered { #expect(try Self.judge(token, by: keys, audience: "app", at: now) == .badSignature) }
            // Nor is it good for the gateway itself.
            #expect(try await gateway.send("GET", "/me", token: token).status == 401)
            #expect(try await gateway.send("GET", "/notes/1", token: token).status == 401)
        }
    }

    @Test(arguments: ["X-Dragoman-Token", "x-dragoman-token", "X_Dragoman_Token", "X-DRAGOMAN-TOKEN"])
    func `a client's own token is dropped`(name: String) async throws {
        try await Self.with { gateway, _, upstream in
            let token = try await gateway.signIn()
            #expect(try await gateway.send("GET", "/notes/1", token: token, fields: ["\(name): forged"]).status == 200)
            #expect(upstream.last("X-Dragoman-Token").count == 1)
            #expect(upstream.heads.allSatisfy { !$0.contains("forged") })
        }
    }

    @Test func `without the setting there is neither token nor key`() async throws {
        let upstream = try await HeadUpstream.start()
        try await TestGateway.with(Self.configuration(upstream, isOn: false)) { gateway, folder async throws -> Void in
            let token = try await gateway.signIn()
            _ = try await gateway.send("GET", "/notes/1", token: token, fields: ["X-Dragoman-Token: forged"])
            #expect(upstream.heads.count == 1 && upstream.last("X-Dragoman-Token").isEmpty)
            #expect(try await gateway.send("GET", "/.well-known/jwks.json").status == 404)
            #expect(!FileManager.default.fileExists(atPath: folder.path + "/state/keys/pocket.internal.pem"))
            await #expect(throws: AssemblyFault.self) {
                try await KeyCommands.rotate(gateway.deployment, frontend: "pocket", isInternal: true)
            }

            // A reload turns it on.
            try folder.write("config.yaml", Self.configuration(upstream))
            #expect(await gateway.assembly.reload().errors.isEmpty)
            _ = try await gateway.send("GET", "/notes/1", token: token)
            #expect(upstream.last("X-Dragoman-Token").count == 1)
        }
        try await upstream.stop()
    }

    @Test func `who asks another proxy's question is told no token`() async throws {
        try await Self.with { gateway, _, _ in
            let token = try await gateway.signIn()
            let answer = try await gateway.send("GET", "/_dragoman/authorize/notes/1", token: token)
            #expect(answer.status == 200 && answer["x-dragoman-email"] == "ann@example.com" && answer["x-dragoman-token"] == nil)
        }
    }

    @Test func `an answer from memory brings no token that is more than half over`() async throws {
        let clock = Clock()
        try await Self.with(now: { clock.now }) { gateway, _, upstream in
            let bearer = try await gateway.signIn()
            let connection = try await RawConnection.open(gateway.port)
            var seen: [String] = []
            for step in [0, 20, 20, 20] {
                clock.advance(.seconds(step))
                for _ in 0..<4 {
                    try await connection.send("GET /notes/1 HTTP/1.1\r\nHost: pocket.test\r\nAuthorization: Bearer \(bearer)\r\n\r\n")
                    await connection.wait(for: "ok")
                    let token = try #require(upstream.last("X-Dragoman-Token").first)
                    let left = try #require(try Self.claims(token)["exp"]?.int) - clock.now.seconds
                    #expect(left >= 29 && left <= 60, "\(left)")
                    seen.append(token)
                }
            }
            await connection.close()
            // Most came from memory, and none stayed there for a minute.
            #expect(Set(seen).count >= 3 && Set(seen).count <= seen.count / 2 + 2)
        }
    }

    @Test func `after a clock that was ahead is set back no token is sent that has not begun`() async throws {
        let clock = Clock()
        try await Self.with(now: { clock.now }) { gateway, _, upstream in
            let bearer = try await gateway.signIn()
            let connection = try await RawConnection.open(gateway.port)
            for step in [0, 1500, -1500] {
                clock.advance(.seconds(step))
                for _ in 0..<4 {
                    try await connection.send("GET /notes/1 HTTP/1.1\r\nHost: pocket.test\r\nAuthorization: Bearer \(bearer)\r\n\r\n")
                    await connection.wait(for: "ok")
                    let token = try #require(upstream.last("X-Dragoman-Token").first)
                    let begun = try #require(try Self.claims(token)["iat"]?.int)
                    #expect(begun <= clock.now.seconds, "the clock moved by \(step) s")
                }
            }
            await connection.close()
        }
    }

    @Test func `the key is made once for its owner alone, listed, and rotated with an overlap`() async throws {
        let clock = Clock()
        try await Self.with(now: { clock.now }) { gateway, folder, upstream in
            let path = folder.path + "/state/keys/pocket.internal.pem"
            let made = try String(contentsOfFile: path, encoding: .utf8)
            #expect(made.hasPrefix("-----BEGIN PRIVATE KEY-----"))
            let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
            #expect(mode == 0o600)
            #expect(await gateway.assembly.reload().errors.isEmpty)
            #expect(try String(contentsOfFile: path, encoding: .utf8) == made)

            let bearer = try await gateway.signIn()
            _ = try await gateway.send("GET", "/notes/1", token: bearer)
            let old = upstream.last("X-Dragoman-Token")[0]
            let before = try await Self.keys(gateway)
            let secret = try String(contentsOfFile: folder.path + "/state/keys/pocket.secret", encoding: .utf8)
            _ = try await KeyCommands.rotate(gateway.deployment, frontend: "pocket", isInternal: true)
            #expect(try String(contentsOfFile: folder.path + "/state/keys/pocket.secret", encoding: .utf8) == secret)
            #expect(await gateway.assembly.reload().errors.isEmpty)
            _ = try await gateway.send("GET", "/notes/1", token: bearer)
            let new = upstream.last("X-Dragoman-Token")[0]

            clock.advance(.seconds(10))
            var keys = try await Self.keys(gateway)
            #expect(keys.count == 2 && keys.last == before.first)
            let subject = upstream.last("X-Dragoman-Account")[0]
            let kids = try keys.map { try #require($0["kid"]?.string) }
            #expect(try Self.judge(new, by: keys, audience: "app", at: clock.now) == .isFor(subject: subject, kid: kids[0]))
            #expect(try Self.judge(old, by: keys, audience: "app", at: clock.now) == .isFor(subject: subject, kid: kids[1]))
            #expect(try Self.judge(new, by: before, audience: "app", at: clock.now) == .unknownKey)

            let shown = try await KeyCommands.show(gateway.deployment)
            let rows = shown.text.split(separator: "\n").filter { $0.contains("EdDSA") }
            #expect(rows.count == 2 && rows[0].contains("upstreams") && rows[1].contains("verifies until"))
            #expect(!shown.text.contains("PRIVATE") && !"\(shown.value)".contains(#""d""#))

            clock.advance(.seconds(300))
            #expect(try await Self.keys(gateway).count == 2)
            clock.advance(.seconds(330))
            keys = try await Self.keys(gateway)
            #expect(keys.count == 1 && keys.first?["kid"] == .string(kids[0]))
        }
    }

    @Test func `a frontend with an RSA key shows both`() async throws {
        try await Self.with(prepare: { folder in
            try folder.edit("Dialects/pocket/dialect.yaml") { $0.replacing("HS256", with: "RS256") }
        }) { gateway, _, upstream in
            let keys = try await Self.keys(gateway)
            #expect(keys.map { $0["kty"] } == [.string("RSA"), .string("OKP")])
            let bearer = try await gateway.signIn()
            _ = try await gateway.send("GET", "/notes/1", token: bearer)
            let (token, subject) = (upstream.last("X-Dragoman-Token")[0], upstream.last("X-Dragoman-Account")[0])
            let kid = try #require(keys.last?["kid"]?.string)
            #expect(try Self.judge(token, by: keys, audience: "app", at: SystemClock.now()) == .isFor(subject: subject, kid: kid))
        }
    }

    @Test func `a key that every user of the machine can read stops the start`() async throws {
        let folder = try TestFolder()
        defer { folder.remove() }
        let upstream = try await HeadUpstream.start()
        try folder.write("config.yaml", Self.configuration(upstream))
        try await TestGateway(folder).stop()
        try FileManager.default.setAttributes(
            [.posixPermissions: 0o644], ofItemAtPath: folder.path + "/state/keys/pocket.internal.pem")
        await #expect(throws: AssemblyFault.self) { try await TestGateway(folder).stop() }
        try await upstream.stop()
    }

    @Test func `the files of two keys of a frontend are never taken for each other`() {
        let access = KeyName(realm: "one", frontend: "shop", use: .tokens, algorithm: .rs256)
        let told = KeyName(realm: "one", frontend: "shop", use: .upstreams, algorithm: .edDSA)
        let end = Instant(seconds: 1_700_000_000)
        for (name, other) in [(access, told), (told, access)] {
            #expect(name.end(of: name.file(until: end)) == end && name.end(of: name.file) == nil)
            #expect(name.end(of: other.file(until: end)) == nil && name.end(of: other.file) == nil)
            #expect(name.file != other.file)
        }
        #expect(KeyName(realm: "one", frontend: "sho", use: .tokens, algorithm: .rs256).end(of: access.file(until: end)) == nil)
    }
}
