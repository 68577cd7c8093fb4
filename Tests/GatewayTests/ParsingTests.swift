import Identity
import Testing

@testable import Gateway

@Suite struct ParsingTests {
    @Test(arguments: [
        ("/", "/"), ("/a/b/", "/a/b/"), ("/%61%2D%5f%7e", "/a-_~"), ("/a%20b%c3%a9", "/a%20b%C3%A9"), ("/a.b/..c/.d.", "/a.b/..c/.d."),
        ("/a:b@c!$&'()*+,=", "/a:b@c!$&'()*+,="), ("/a%3Bb", "/a%3Bb"),
    ])
    func `a path has one spelling`(target: String, path: String) {
        #expect(RequestTarget(target, limit: 8192)?.path == path)
        // And that spelling is its own.
        #expect(RequestTarget(path, limit: 8192)?.path == path)
    }

    @Test(arguments: [
        ("a", "a"), ("A.Example.com:8080", "a.example.com"), ("127.0.0.1", "127.0.0.1"), ("[::1]:80", "[::1]"), ("a_b:", "a_b"),
    ])
    func `a host is read without its port`(text: String, name: String) { #expect(HostName(text)?.name == name) }

    @Test(arguments: [
        ("10.1.2.3", "10.0.0.0/8", true), ("11.1.2.3", "10.0.0.0/8", false), ("10.1.2.3", "10.1.2.3", true),
        ("10.1.2.4", "10.1.2.3", false),
        ("::1", "::1", true), ("fd00::1", "fc00::/7", true), ("fe00::1", "fc00::/7", false), ("10.1.2.3", "::/0", false),
        ("::ffff:10.1.2.3", "10.0.0.0/8", true), ("10.1.2.3", "0.0.0.0/0", true), ("10.1.2.127", "10.1.2.0/25", true),
        ("10.1.2.128", "10.1.2.0/25", false),
    ])
    func `a range contains its addresses`(address: String, range: String, isInside: Bool) throws {
        #expect(try #require(AddressRange(range)).contains(try #require(IPAddress(address))) == isInside)
    }

    /// H6.
    @Test(arguments: [
        ("203.0.113.9", [], "203.0.113.9"), ("203.0.113.9", ["1.2.3.4"], "203.0.113.9"), ("10.0.0.1", ["1.2.3.4"], "1.2.3.4"),
        ("10.0.0.1", ["6.6.6.6, 1.2.3.4"], "1.2.3.4"), ("10.0.0.1", ["6.6.6.6", "1.2.3.4, 10.0.0.2"], "1.2.3.4"),
        ("10.0.0.1", ["nonsense"], "10.0.0.1"), ("10.0.0.1", ["1.2.3.4, nonsense"], "10.0.0.1"), ("10.0.0.1", [], "10.0.0.1"),
        ("10.0.0.1", ["10.0.0.3"], "10.0.0.1"),
    ])
    func `a forwarded address counts from the right and only from a trusted proxy`(peer: String, forwarded: [String], client: String) throws
    {
        let clients = ClientAddresses(trusted: [try #require(AddressRange("10.0.0.0/8"))])
        #expect(clients.address(peer: peer, fields: forwarded.map { (name: "x-forwarded-for", value: $0) }) == client)
    }

    /// H6.
    @Test(arguments: [
        ("6.6.6.6, 1.2.3.4:5678", "1.2.3.4"), ("1.2.3.4, 10.0.0.3:80", "1.2.3.4"), ("[2001:db8::1]:443", "2001:db8::1"),
        ("[2001:db8::1]", "2001:db8::1"), ("2001:db8::1", "2001:db8::1"), ("[::ffff:1.2.3.4]:1", "1.2.3.4"),
        ("::ffff:1.2.3.4", "1.2.3.4"), ("1.2.3.4:", "10.0.0.1"), ("1.2.3.4:+5", "10.0.0.1"), ("1.2.3.4:65536", "10.0.0.1"),
        ("1.2.3.4:80:80", "10.0.0.1"), ("[1.2.3.4]:80", "10.0.0.1"), ("[2001:db8::1", "10.0.0.1"), ("[2001:db8::1]443", "10.0.0.1"),
        ("[2001:db8::1]]", "10.0.0.1"), ("[]", "10.0.0.1"), ("unknown", "10.0.0.1"), ("example.com:80", "10.0.0.1"),
        ("1.2.3.4, ", "10.0.0.1"),
    ])
    func `a hop with a port or in brackets is its address, and anything else that is none makes the proxy count`(
        forwarded: String, client: String
    ) throws {
        let clients = ClientAddresses(trusted: [try #require(AddressRange("10.0.0.0/8"))])
        #expect(clients.address(peer: "10.0.0.1", fields: [(name: "x-forwarded-for", value: forwarded)]) == client)
    }

    @Test func `connections leave descriptors for everything else`() {
        #expect(DescriptorBudget(limit: 1024, listeners: 5, hasUpstreams: false)?.perListener == 188)
        #expect(DescriptorBudget(limit: 100, listeners: 5, hasUpstreams: false) == nil)
        #expect(DescriptorBudget(limit: 1_000_000, listeners: 1, hasUpstreams: false)?.perListener == 20_000)
        let shared = DescriptorBudget(limit: 1024, listeners: 2, hasUpstreams: true)
        #expect(shared?.upstreams == 472 && shared?.perListener == 236)
    }

    /// I8.
    @Test func `what comes from outside can neither end a log line nor steer a terminal`() {
        let pairs = [("a", "b c"), ("d", "x\ny\r\u{1b}[1m\u{9b}\u{202e}\"\\"), ("e", "plain-1.2_3")]
        #expect(
            String(decoding: LogLine.bytes(pairs, .text), as: UTF8.self)
                == #"a="b c" d="x\u{a}y\u{d}\u{1b}[1m\u{9b}\u{202e}\"\\" e=plain-1.2_3"# + "\n")
        let json = String(decoding: LogLine.bytes(pairs, .json), as: UTF8.self)
        #expect(json.split(separator: "\n").count == 1 && !json.contains("\u{1b}"))
        #expect(json.unicodeScalars.dropLast().allSatisfy { !TerminalText.steers($0) } && json.contains(#"\u009b\u202e"#))
        let marks = ["\u{7f}", "\u{9f}", "\u{2069}"].map { String(decoding: LogLine.bytes([("a", $0)], .json), as: UTF8.self) }
        #expect(marks == [#"{"a":"\u007f"}"#, #"{"a":"\u009f"}"#, #"{"a":"\u2069"}"#].map { $0 + "\n" })
    }

    /// I8.
    @Test func `what people chose can neither forge a row of a command's answer nor steer a terminal, and JSON means the same`() throws {
        let name = "Ann\u{1b}]0;owned\u{7}\u{1b}[2J\u{9b}31m\u{7f}\u{202e}x\u{2066}\nrole admin\u{2028}y\r\nzoë 😀"
        var table = TextTable(indent: "  ")
        table.add("name", name)
        table.add("role", "user")
        let value = Value.object([.init(name, .list([.string(name)]))])
        let output = CommandOutput(text: "one\n\ttwo \u{9b}\n" + table.text, value: value)
        let text = output.rendered(asJSON: false)
        #expect(text.split(separator: "\n").map { $0.prefix(6) } == ["one", "\ttwo \\", "  name", "  role"])
        #expect(text.contains(#"Ann\u{1b}]0;owned\u{7}\u{1b}[2J\u{9b}31m\u{7f}\u{202e}x\u{2066}\u{a}role admin\u{2028}y\u{d}\u{a}zoë 😀"#))
        let json = output.rendered(asJSON: true)
        #expect(json.unicodeScalars.dropLast().allSatisfy { !TerminalText.steers($0) })
        #expect(json.contains(#"\u009b31m\u007f\u202ex\u2066\nrole"#) && json.contains("zoë 😀"))
        #expect(try JSONReader.read(Array(json.utf8)) == value)
        let told = CommandFault.words(for: AccountFault("`\(name)` names 2 accounts"))
        #expect(told.split(separator: "\n").count == 1 && told.unicodeScalars.dropLast().allSatisfy { !TerminalText.steers($0) })
    }

    @Test func `a mail's code and link are found`() {
        let found = MailFindings("Hello Ann,\n\nyour code is: 048213.\nIt lives 10 minutes.\nOr open https://a.test/x?t=1\n")
        #expect(found.code == "048213")
        #expect(found.link == "https://a.test/x?t=1")
    }
}
