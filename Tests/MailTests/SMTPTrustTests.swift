import Mail
import Testing

struct SMTPTrustTests {
    @Test func `STARTTLS is used when offered`() async throws {
        let peer = try SMTPPeer(tls: "offered")
        try await peer.transport().send(.sample())
        #expect(try peer.report().messages.map(\.tls) == [true])
    }

    @Test(arguments: ["", "?starttls=required"])
    func `a server that demands STARTTLS is served`(query: String) async throws {
        let peer = try SMTPPeer(tls: "required")
        try await peer.transport(query: query, host: "localhost").send(.sample())
        #expect(try peer.report().messages.map(\.tls) == [true])
    }

    @Test func `required STARTTLS that is not offered sends nothing`() async throws {
        let peer = try SMTPPeer()
        let transport = try peer.transport(query: "?starttls=required")
        expectUnreachable(await #expect(throws: MailFault.self) { try await transport.send(.sample()) })
        #expect(try peer.report().attempts.isEmpty)
    }

    @Test(arguments: [("offered", "smtp"), ("required", "smtp"), ("smtps", "smtps")])
    func `a certificate that nobody vouches for sends nothing`(tls: String, scheme: String) async throws {
        let peer = try SMTPPeer(tls: tls)
        let transport = try peer.transport(scheme: scheme, trusted: false)
        expectUnreachable(await #expect(throws: MailFault.self) { try await transport.send(.sample()) })
        #expect(try peer.report().attempts.isEmpty)
    }

    @Test(arguments: [("offered", "smtp"), ("smtps", "smtps")])
    func `a trusted certificate for another host sends nothing`(tls: String, scheme: String) async throws {
        let peer = try SMTPPeer("--host", "mail.example.com", tls: tls)
        for host in ["localhost", "127.0.0.1"] {
            let transport = try peer.transport(scheme: scheme, host: host)
            expectUnreachable(await #expect(throws: MailFault.self) { try await transport.send(.sample()) })
        }
        #expect(try peer.report().attempts.isEmpty)
    }

    @Test func `smtps speaks TLS from the first byte`() async throws {
        let peer = try SMTPPeer(tls: "smtps")
        try await peer.transport(scheme: "smtps").send(.sample())
        #expect(try peer.report().messages.map(\.tls) == [true])
    }

    @Test(arguments: [nil, "required"])
    func `a login is made with user and password`(tls: String?) async throws {
        let peer = try SMTPPeer("--auth", "ada:hunter2 €", tls: tls)
        try await peer.transport(user: "ada", password: "hunter2 €").send(.sample())
        #expect(try peer.report().messages.map(\.user) == ["ada"])
    }

    @Test(
        arguments: [
            ("ada", "hunter3", "the mail server: Login denied, it answered 535"),
            ("eve", "hunter2", "the mail server: Login denied, it answered 535"),
            (nil, nil, "the mail server answered 530"),
        ] as [(String?, String?, String)])
    func `a refused login is no reason to give a mail up, and no secret is in the words`(
        user: String?, password: String?, words: String
    ) async throws {
        let peer = try SMTPPeer("--auth", "ada:hunter2", tls: "required")
        let transport = try peer.transport(user: user, password: password)
        let fault = await #expect(throws: MailFault.self) { try await transport.send(.sample()) }
        // Whether 530 answers MAIL or RCPT libcurl does not say: some servers want a login only of who writes to strangers.
        if user == nil { expectTemporary(fault) } else { expectUnreachable(fault) }
        #expect(fault?.reason == words)
        #expect(try peer.report().messages.isEmpty)
    }
}
