import FoundationEssentials
import Gateway
import Identity
import TestSupport
import Testing

@Suite struct GatewayTests {
    @Test func `somebody registers, signs in, is known, and signs out`() async throws {
        try await TestGateway.with { gateway, _ async throws -> Void in
            let registered = try await gateway.send("POST", "/users", #"{"email":"Ann@example.com","password":"correct horse 1"}"#)
            #expect(registered.status == 201)
            #expect(registered["content-type"] == "application/json; charset=utf-8")
            #expect(registered["cache-control"] == "no-store")
            #expect(registered["date"]?.hasSuffix(" GMT") == true)
            let login = try await gateway.send("POST", "/login", #"{"email":"ann@example.com","password":"correct horse 1"}"#)
            let token = try #require(login.json?["token"]?.string)
            let known = try await gateway.send("GET", "/me", token: token)
            #expect(known.json?["email"]?.string == "ann@example.com")
            #expect(try await gateway.send("POST", "/logout", token: token).status == 204)
            #expect(try await gateway.send("GET", "/me", token: token).status == 401)
        }
    }

    @Test func `a mailed link is found in the mailbox and works`() async throws {
        try await TestGateway.with { gateway, _ async throws -> Void in
            _ = try await gateway.signIn()
            #expect(try await gateway.send("POST", "/reset", #"{"email":"ann@example.com"}"#).status == 202)
            let mail = try await gateway.mail(to: "ann@example.com")
            let link = try #require(mail["link"]?.string)
            #expect(link.hasPrefix("http://pocket.test/reset/"))
            let path = String(link.dropFirst("http://pocket.test".count))
            #expect(try await gateway.send("PUT", path, #"{"password":"another horse 2"}"#).status == 204)
            let login = try await gateway.send("POST", "/login", #"{"email":"ann@example.com","password":"another horse 2"}"#)
            #expect(login.status == 200)
        }
    }

    @Test func `a guard judges the caller before it looks for the upstream`() async throws {
        try await TestGateway.with { gateway, _ async throws -> Void in
            #expect(try await gateway.send("GET", "/notes/1").status == 401)
            #expect(try await gateway.send("GET", "/notes", token: "x.y.z").status == 401)
            let token = try await gateway.signIn()
            let answer = try await gateway.send("GET", "/notes/1", token: token)
            #expect(answer.status == 502)
            #expect(answer.json?["error"]?.string == "unavailable")
            #expect(gateway.lines.all.contains { $0.contains(" cause=upstream app: not configured ") && $0.contains(" status=502") })
        }
    }

    @Test func `frontends of one address are told apart by host, and by prefix`() async throws {
        let configuration = """
            profile: development
            management: 127.0.0.9:0
            frontends:
              first: { dialect: pocket, listen: "127.0.0.1:0", host: first.test }
              second: { dialect: pocket, listen: "127.0.0.1:0", host: second.test, prefix: /in/second }
              other: { dialect: pocket, listen: "127.0.0.1:0", prefix: /other }
            """
        try await TestGateway.with(configuration) { gateway, _ async throws -> Void in
            let body = #"{"email":"ann@example.com","password":"correct horse 1"}"#
            for (path, host) in [("/users", "first.test"), ("/in/second/users", "second.test:81"), ("/other/users", "any.test")] {
                #expect(try await gateway.send("POST", path, body, host: host).status == 201)
            }
            let login = try await gateway.send("POST", "/login", body, host: "FIRST.test")
            let token = try #require(login.json?["token"]?.string)
            #expect(try await gateway.send("GET", "/me", token: token, host: "first.test").status == 200)
            // Another realm, another key.
            #expect(try await gateway.send("GET", "/in/second/me", token: token, host: "second.test").status == 401)
            #expect(try await gateway.send("GET", "/other/me", token: token, host: "any.test").status == 401)
            // A host of its own is answered by nobody else, and a prefix is a whole segment.
            for (path, host) in [("/me", "second.test"), ("/me", "any.test"), ("/otherwise/me", "any.test"), ("/other/me", "first.test")] {
                #expect(try await gateway.send("GET", path, host: host).status == 404)
            }
        }
    }

    @Test func `sessions, accounts and generated keys outlive a restart`() async throws {
        let folder = try TestFolder()
        defer { folder.remove() }
        try folder.write("config.yaml", TestGateway.pocket)
        let first = try await TestGateway(folder)
        let token = try await first.signIn()
        let ended = try await first.signIn("bob@example.com")
        _ = try await first.send("POST", "/logout", token: ended)
        try await first.stop()
        let second = try await TestGateway(folder)
        #expect(try await second.send("GET", "/me", token: token).status == 200)
        #expect(try await second.send("GET", "/me", token: ended).status == 401)
        try await second.stop()
        for name in try FileManager.default.contentsOfDirectory(atPath: folder.path + "/state/keys") {
            let attributes = try FileManager.default.attributesOfItem(atPath: "\(folder.path)/state/keys/\(name)")
            #expect(attributes[.posixPermissions] as? Int == 0o600)
        }
    }

    @Test func `a seed makes the accounts of an empty realm, once`() async throws {
        let configuration =
            TestGateway.pocket + "\n    seed: [{ email: admin@example.com, password: Admin@123456, role: chief, nickname: Boss }]\n"
        let folder = try TestFolder()
        defer { folder.remove() }
        try folder.write("config.yaml", configuration)
        for _ in 1...2 {
            let gateway = try await TestGateway(folder)
            let login = try await gateway.send("POST", "/login", #"{"email":"admin@example.com","password":"Admin@123456"}"#)
            #expect(login.json?["user"]?["nickname"]?.string == "Boss")
            #expect(try await AccountCommands.list(gateway.deployment, frontend: nil, after: 0, limit: 9, search: nil).value.count == 1)
            try await gateway.stop()
        }
        // What development seeded, production does not start over.
        try folder.write(
            "config.yaml",
            TestGateway.pocket.replacing("profile: development", with: "profile: production\nmail: { transport: \"smtp://127.0.0.1:9\" }"))
        let fault = await #expect(throws: AssemblyFault.self) { _ = try await TestGateway(folder) }
        #expect(fault?.description.contains("a published password still fits admin@example.com") == true)
    }
}

extension TestGateway {
    /// The newest mail to an address, waited for.
    func mail(to address: String) async throws -> Value {
        for _ in 1...500 {
            if let shown = try? MailCommands.show(deployment, which: nil, to: address) { return shown.value }
            try await Task.sleep(for: .milliseconds(10))
        }
        return .null
    }
}

extension Value {
    var count: Int? {
        guard case .list(let items) = self else { return nil }
        return items.count
    }
}
