import Mail
import Testing

struct SMTPConfigurationTests {
    @Test(
        arguments: [
            ("smtp://localhost:1025", "localhost", 1025, .optionalTLS, nil),
            ("smtp://mail.example.com", "mail.example.com", 25, .optionalTLS, nil),
            ("smtps://mail.example.com", "mail.example.com", 465, .implicitTLS, nil),
            ("smtps://ada@mail.example.com:466/", "mail.example.com", 466, .implicitTLS, "ada"),
            ("smtp://ada%40example.com@mail.example.com:587?starttls=required", "mail.example.com", 587, .requiredTLS, "ada@example.com"),
            ("smtp://[::1]:2525", "[::1]", 2525, .optionalTLS, nil), ("smtp://[2001:db8::1]", "[2001:db8::1]", 25, .optionalTLS, nil),
            ("smtp://10.0.0.1:26?starttls=optional", "10.0.0.1", 26, .optionalTLS, nil),
        ] as [(String, String, UInt16, SMTPConfiguration.Protection, String?)])
    func `a URL says host, port, protection and user`(
        url: String, host: String, port: UInt16, protection: SMTPConfiguration.Protection, user: String?
    ) throws {
        let configuration = try SMTPConfiguration(url: url)
        #expect(configuration.host == host)
        #expect(configuration.port == port)
        #expect(configuration.protection == protection)
        #expect(configuration.user == user)
        #expect(configuration.connectTimeout == .seconds(10))
        #expect(configuration.timeout == .seconds(30))
    }

    @Test(arguments: [
        "", "localhost:25", "http://localhost", "SMTP://localhost", "smtp://", "smtp://:25", "smtp://host:0", "smtp://host:65536",
        "smtp://host:",
        "smtp://host:25x", "smtp://host/path", "smtp://ho st", "smtp://host\r\n", "smtp://host#x", "smtp://host?tls=1",
        "smtp://host?starttls=maybe",
        "smtps://host?starttls=required", "smtp://ada:hunter2@host", "smtp://@host", "smtp://a%zz@host", "smtp://a%00b@host", "smtp://[::1",
        "smtp://[]", "smtp://::1", "smtp://höst",
    ])
    func `another URL is refused without showing it`(url: String) {
        let fault = #expect(throws: MailFault.self) { try SMTPConfiguration(url: url) }
        #expect(fault?.reason.contains("hunter2") == false)
        if case .invalid = fault {} else { Issue.record("\(String(describing: fault))") }
    }

    @Test(
        arguments: [
            ("smtp://ada@mail.example.com", .requiredTLS), ("smtp://ada@10.0.0.1", .requiredTLS),
            ("smtp://ada@127.0.0.1.example.com", .requiredTLS),
            ("smtp://ada@localhost:1025", .optionalTLS), ("smtp://ada@127.0.0.1", .optionalTLS), ("smtp://ada@[::1]", .optionalTLS),
            ("smtp://ada@mail.example.com?starttls=optional", .optionalTLS), ("smtps://ada@mail.example.com", .implicitTLS),
        ] as [(String, SMTPConfiguration.Protection)])
    func `a password goes to another machine only over TLS, unless told otherwise`(url: String, protection: SMTPConfiguration.Protection)
        throws
    {
        #expect(try SMTPConfiguration(url: url, password: "hunter2").protection == protection)
    }

    @Test func `a password needs a user and is never shown`() throws {
        #expect(throws: MailFault.self) { try SMTPConfiguration(url: "smtp://localhost", password: "hunter2") }
        #expect(throws: MailFault.self) { try SMTPConfiguration(url: "smtp://localhost", user: "ada", password: "a\u{0}b") }
        let configuration = try SMTPConfiguration(url: "smtp://localhost", user: "ada", password: "hunter2")
        var dumped = ""
        dump(configuration, to: &dumped)
        for shown in ["\(configuration)", String(reflecting: configuration), dumped] { #expect(!shown.contains("hunter2")) }
    }
}
