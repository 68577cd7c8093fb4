import DialectEngine
import FoundationEssentials
import Identity
import TestSupport
import Testing

@testable import Gateway

/// What an operator sees and does.
@Suite struct OperationTests {
    @Test func `health, readiness and numbers have an address of their own`() async throws {
        try await TestGateway.with { gateway, _ async throws -> Void in
            _ = try await gateway.send("GET", "/me")
            for (path, status, words) in [("/healthz", 200, "ok"), ("/readyz", 200, "ready"), ("/nothing", 404, "not found")] {
                let answer = try await gateway.operatorAsks(path)
                #expect(answer.status == status && answer.body == words + "\n")
            }
            let numbers = try await gateway.operatorAsks("/metrics").body
            #expect(numbers.contains(#"dragoman_requests_total{frontend="pocket",route="GET /me",status="401"} 1"#))
            for path in ["/healthz", "/readyz", "/metrics"] { #expect(try await gateway.send("GET", path).status == 404) }
        }
    }

    @Test func `readiness asks the store itself`() async throws {
        try await TestGateway.with { gateway, _ async throws -> Void in
            await gateway.assembly.environment.store.close()
            #expect(try await gateway.operatorAsks("/readyz").status == 503)
            #expect(try await gateway.operatorAsks("/healthz").status == 200)
            #expect(try await gateway.send("POST", "/login", #"{"email":"a@example.com","password":"x"}"#).status == 503)
        }
    }

    @Test func `readiness waits for a store that hangs no longer than it is worth`() async throws {
        let store = SilentStore()
        #expect(await StoreProbe(store: store, patience: .milliseconds(1)).answers() == false)
        store.letGo()
        #expect(await StoreProbe(store: store).answers())
        await store.close()
        #expect(await StoreProbe(store: store).answers() == false)
    }

    @Test func `a request under way is finished while the gateway goes down, and readiness says so first`() async throws {
        try await TestGateway.with { gateway, _ async throws -> Void in
            let body = #"{"email":"ann@example.com","password":"correct horse 1"}"#
            let half = try await RawConnection.open(gateway.port)
            try await half.send(
                "POST /users HTTP/1.1\r\nHost: pocket.test\r\nExpect: 100-continue\r\nContent-Type: application/json\r\n"
                    + "Content-Length: \(body.utf8.count)\r\n\r\n")
            await half.wait(for: "\r\n\r\n")
            let idle = try await RawConnection.open(gateway.port)
            await gateway.drain()
            #expect(try await idle.rest().isEmpty)
            #expect(try await gateway.operatorAsks("/readyz").body == "draining\n")
            try await half.send(body)
            let answer = try await half.rest()
            #expect(answer.contains("HTTP/1.1 201 "))
            #expect(answer.lowercased().contains("connection: close"))
            try await gateway.ended()
        }
    }

    @Test func `whoever comes just as the gateway goes down is not left hanging`() async throws {
        for _ in 1...20 {
            try await TestGateway.with { gateway, _ async throws -> Void in
                let comers = (1...8).map { _ in
                    Task {
                        var latest: [RawConnection] = []
                        while let connection = try? await RawConnection.open(gateway.port) {
                            latest.append(connection)
                            if latest.count > 20 { await latest.removeFirst().close() }
                        }
                        return latest
                    }
                }
                _ = try await gateway.send("GET", "/me")
                await gateway.drain()
                for comer in comers { for connection in await comer.value { #expect(try await connection.rest().isEmpty) } }
            }
        }
    }

    @Test func `a reload takes what is good and leaves the old in force for what is broken`() async throws {
        try await TestGateway.with { gateway, folder async throws -> Void in
            let token = try await gateway.signIn()
            try folder.edit("Dialects/pocket/dialect.yaml") { $0.replacing("operation: account.read", with: "operation: account.reed") }
            let broken = await gateway.assembly.reload()
            #expect(broken.errors.count == 1)
            #expect(broken.errors.first?.suggestion == "account.read")
            #expect(gateway.lines.all.contains { $0.contains("not reloaded") && $0.contains("dialect.yaml:") })
            #expect(try await gateway.send("GET", "/me", token: token).status == 200)

            try folder.edit("Dialects/pocket/dialect.yaml") {
                $0.replacing("operation: account.reed", with: "operation: account.read").replacing("- GET /me:", with: "- GET /myself:")
            }
            #expect(await gateway.assembly.reload().errors.isEmpty)
            #expect(try await gateway.send("GET", "/me", token: token).status == 404)
            #expect(try await gateway.send("GET", "/myself", token: token).status == 200)

            try folder.edit("config.yaml") { $0.replacing("127.0.0.9:0", with: "127.0.0.8:0") }
            #expect(await gateway.assembly.reload().errors.first?.message == "other addresses need a restart")
            #expect(try await gateway.send("GET", "/myself", token: token).status == 200)
        }
    }

    @Test func `a new key signs after a reload, and tokens of the old one still count`() async throws {
        try await TestGateway.with { gateway, _ async throws -> Void in
            let old = try await gateway.signIn()
            _ = try await KeyCommands.rotate(gateway.deployment, frontend: "pocket")
            #expect(await gateway.assembly.reload().errors.isEmpty)
            let new = try await gateway.signIn()
            #expect(try await gateway.send("GET", "/me", token: old).status == 200)
            #expect(try await gateway.send("GET", "/me", token: new).status == 200)
            let keys = try await KeyCommands.show(gateway.deployment)
            #expect(keys.value.count == 2)
            #expect(keys.text.contains("verifies until"))
        }
    }

    @Test func `what a generated key has signed and nobody knows is refused, and counts under a key that was brought along`() async throws {
        let secret = "a secret of the backend before of 32 bytes and more"
        for isGenerated in [true, false] {
            let configuration = TestGateway.pocket + (isGenerated ? "" : "\n    keys: { access: \(secret) }")
            try await TestGateway.with(configuration) { gateway, folder async throws -> Void in
                _ = try await gateway.signIn()
                let wire = try #require(
                    try await AccountCommands.show(gateway.deployment, frontend: nil, name: "ann@example.com").value["id"]?.string)
                let path = folder.path + "/state/keys/pocket.secret"
                let key = isGenerated ? try String(contentsOfFile: path, encoding: .utf8) : secret
                let now = SystemClock.now().seconds
                let token = try JWS.sign(
                    headerJSON: Array(#"{"alg":"HS256","typ":"JWT"}"#.utf8),
                    payloadJSON: Array(#"{"sub":"\#(wire)","iat":\#(now),"exp":\#(now + 600)}"#.utf8), key: .hs256(secret: Array(key.utf8)))
                #expect(try await gateway.send("GET", "/me", token: token).status == (isGenerated ? 401 : 200))
            }
        }
    }

    @Test func `T11 a generated key that everybody can read is refused`() async throws {
        try await TestGateway.with { gateway, folder async throws -> Void in
            let path = folder.path + "/state/keys/pocket.secret"
            try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: path)
            await #expect(throws: AssemblyFault.self) { try await KeyCommands.show(gateway.deployment) }
            #expect(await gateway.assembly.reload().errors.first?.message.contains("can be read by every user of this machine") == true)
            try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path)
            #expect(await gateway.assembly.reload().errors.isEmpty)
        }
    }

    @Test func `an operator's word counts at once in a gateway that runs`() async throws {
        try await TestGateway.with { gateway, _ async throws -> Void in
            let token = try await gateway.signIn()
            #expect(try await gateway.send("GET", "/me", token: token).status == 200)
            _ = try await AccountCommands.suspend(gateway.deployment, frontend: nil, name: "ann@example.com")
            #expect(try await gateway.answers("/me", token: token, with: 401))
            _ = try await AccountCommands.resume(gateway.deployment, frontend: nil, name: "1")
            let again = try await gateway.signIn()
            #expect(try await gateway.send("GET", "/me", token: again).status == 200)
            _ = try await AccountCommands.delete(gateway.deployment, frontend: nil, name: "ann@example.com")
            #expect(try await gateway.answers("/me", token: again, with: 401))
        }
    }

    @Test func `accounts are made, found, changed and paged by an operator`() async throws {
        try await TestGateway.with { gateway, _ async throws -> Void in
            let deployment = gateway.deployment
            for name in ["ann", "bob", "cid"] {
                let made = try await AccountCommands.create(
                    deployment, frontend: nil, slots: ["email": "\(name)@example.com", "nickname": name],
                    password: SecretText("a horse of \(name)"),
                    isConfirmed: true)
                #expect(made.value["nickname"]?.string == name)
            }
            let page = try await AccountCommands.list(deployment, frontend: nil, after: 0, limit: 2, search: nil)
            #expect(page.value.count == 2 && page.text.hasSuffix("more: --after 2\n"))
            #expect(try await AccountCommands.list(deployment, frontend: nil, after: 2, limit: 2, search: nil).value.count == 1)
            #expect(try await AccountCommands.list(deployment, frontend: nil, after: 0, limit: 9, search: "bo").value.count == 1)
            let wire = try #require(try await AccountCommands.show(deployment, frontend: nil, name: "bob@example.com").value["id"]?.string)
            #expect(try await AccountCommands.show(deployment, frontend: "pocket", name: wire).value["email"]?.string == "bob@example.com")
            #expect(
                try await AccountCommands.setRole(deployment, frontend: nil, name: wire, role: "chief").value["role"]?.string == "chief")
            for (slots, password) in [
                (["email": "ann@example.com"], "x"), (["email": "nonsense"], "x"), (["email": "d@example.com", "role": "king"], "x"),
                (["email": "d@example.com", "colour": "red"], "x"), (["email": "d@example.com"], ""),
            ] {
                await #expect(throws: AccountFault.self) {
                    try await AccountCommands.create(
                        deployment, frontend: nil, slots: slots, password: SecretText(password), isConfirmed: false)
                }
            }
            let login = try await gateway.send("POST", "/login", #"{"email":"bob@example.com","password":"a horse of bob"}"#)
            #expect(login.status == 200)
        }
    }

    @Test func `the log has one line for each request and nothing that is secret or from the query`() async throws {
        try await TestGateway.with { gateway, _ async throws -> Void in
            let token = try await gateway.signIn(password: "hush-hush-hush 7")
            _ = try await gateway.send("GET", "/me?token=in-the-query", token: token, fields: ["X-Request-ID: my.request_1-a"])
            _ = try await gateway.send("GET", "/me", fields: ["X-Request-ID: two words\u{1b}[31m"])
            _ = try await gateway.send("POST", "/reset", #"{"email":"ann@example.com"}"#)
            let mail = try await gateway.mail(to: "ann@example.com")
            let link = try #require(mail["link"]?.string?.split(separator: "/").last)
            _ = try await gateway.send("PUT", "/reset/\(link)", #"{"password":"hush-hush-hush 8"}"#)
            let lines = gateway.lines.all
            let requests = lines.filter { $0.hasPrefix("info request ") }
            #expect(requests.count == 6)
            #expect(
                requests.contains { $0.contains("request=my.request_1-a") && $0.contains("route=GET /me") && $0.contains("status=200") })
            for secret in ["hush-hush", "in-the-query", token, String(link), "two words", "\u{1b}"] {
                #expect(!lines.contains { $0.contains(secret) })
            }
        }
    }

    @Test func `an address that is in use is told in words`() async throws {
        try await TestGateway.with { gateway, _ async throws -> Void in
            let configuration = TestGateway.pocket.replacing("127.0.0.1:0", with: "127.0.0.1:\(gateway.port)")
            let fault = await #expect(throws: ListenFault.self) {
                try await TestGateway.with(configuration) { _, _ async throws -> Void in }
            }
            let words = "the address is in use; stop who has it, or give another by `listen` or `management`"
            #expect(fault?.description == "cannot listen on 127.0.0.1:\(gateway.port): \(words)")
            // And ends at once what listens already.
            let beside = configuration + "\n  other:\n    dialect: pocket\n    listen: 127.0.0.8:0\n    public: http://other.test"
            await #expect(throws: ListenFault.self) { try await TestGateway.with(beside) { _, _ async throws -> Void in } }
        }
    }

    @Test func `routes and settings are listed`() async throws {
        try await TestGateway.with { gateway, _ async throws -> Void in
            let routes = try RoutesCommand.routes(gateway.deployment, frontend: nil)
            #expect(routes.text.contains("pocket (pocket) at http://pocket.test, realm pocket\n"))
            #expect(routes.text.contains("  GET   /me             account.read     signed in\n"))
            #expect(routes.text.contains("  *     /notes/**       upstream app     signed in\n"))
            let settings = try RoutesCommand.settings(gateway.deployment, frontend: "pocket")
            #expect(settings.value.count == 2)
            #expect(throws: AssemblyFault.self) { try RoutesCommand.routes(gateway.deployment, frontend: "shop") }
        }
    }
}

extension TestGateway {
    func operatorAsks(_ path: String) async throws -> Answer {
        try await send("GET", path, port: management, address: "127.0.0.9")
    }

    /// Whether a path is answered so within a second.
    func answers(_ path: String, token: String, with status: Int) async throws -> Bool {
        for _ in 1...100 {
            if try await send("GET", path, token: token).status == status { return true }
            try await Task.sleep(for: .milliseconds(10))
        }
        return false
    }
}
