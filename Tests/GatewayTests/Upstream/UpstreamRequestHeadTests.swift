import DialectEngine
import NIOCore
import Testing

@testable import Gateway

@Suite struct UpstreamRequestHeadTests {
    private static let identity: [(name: String, value: String)] = [
        ("X-Dragoman-Account", "42"), ("X-Dragoman-Email", ""), ("X-User-Id", "7"),
    ]

    private func lines(
        _ fields: [(String, String)], method: String = "GET", framing: BodyFraming = .none, isTrusted: Bool = false, prefix: String = "",
        preservesHost: Bool = false, identity: [(name: String, value: String)] = Self.identity, path: String = "/a", query: String? = nil
    ) -> [String] {
        var request = WireRequest(method: method, path: path, query: query, address: "192.0.2.7")
        request.headers = [(name: "host", value: "api.example.com")] + fields.map { (name: $0.0, value: $0.1) }
        let upstream = Upstream.at(9300) { $0.preservesHost = preservesHost }
        let plan = ForwardPlan(
            request, framing: framing, identity: identity,
            forwarding: ForwardedBy(peer: "10.0.0.1", isTrusted: isTrusted, port: 8080, prefix: prefix), upstream: upstream,
            clientVersionIs10: false)
        let text = String(buffer: plan.head)
        #expect(text.hasSuffix("\r\n\r\n"))
        return text.utf8.split(separator: 0x0A).map { String(decoding: $0.dropLast(), as: UTF8.self) }.filter { !$0.isEmpty }
    }

    private func values(_ name: String, _ lines: [String]) -> [String] {
        lines.dropFirst().compactMap { line in
            let colon = line.utf8.firstIndex(of: UInt8(ascii: ":")) ?? line.endIndex
            guard line[..<colon].lowercased() == name else { return nil }
            return String(line[line.index(colon, offsetBy: 2)...])
        }
    }

    @Test func `path and query go on as they were matched, to the upstream's own host`() {
        let lines = lines([("accept", "*/*"), ("authorization", "Bearer t")], path: "/a%20b", query: "x=1&y=%2F")
        #expect(lines[0] == "GET /a%20b?x=1&y=%2F HTTP/1.1")
        #expect(lines[1] == "Host: 127.0.0.1:9300")
        #expect(values("accept", lines) == ["*/*"])
        #expect(values("authorization", lines) == ["Bearer t"])
        #expect(values("host", self.lines([], preservesHost: true)) == ["api.example.com"])
    }

    @Test(arguments: [
        "x-dragoman-account", "x_dragoman_account", "x-dragoman_account", "x.dragoman.account", "x-dragoman-role", "x-user-id", "x_user_id",
        "x-user_id", "x-dragoman-anything",
    ])
    func `X1: identity fields of a client are removed in every spelling, and ours are set even when empty`(name: String) {
        let lines = lines([(name, "evil"), (name, "evil2"), ("x-user", "stays")])
        #expect(!lines.contains { $0.contains("evil") })
        #expect(values("x-dragoman-account", lines) == ["42"])
        #expect(values("x-dragoman-email", lines) == [""])
        #expect(values("x-user-id", lines) == ["7"])
        #expect(values("x-user", lines) == ["stays"])
    }

    @Test func `X2: what Connection lists goes before ours are set, so it takes none of ours`() {
        let lines = lines(
            [
                ("connection", "X-Dragoman-Account, x-user-id , Host,X-Forwarded-For, content-length, x-odd"),
                ("connection", "close, X-Real-IP"),
                ("x-odd", "1"), ("keep-alive", "timeout=5"), ("proxy-authorization", "Basic x"), ("proxy-connection", "keep-alive"),
                ("te", "trailers"), ("trailer", "x"), ("upgrade", "h2c"), ("http2-settings", "x"), ("expect", "100-continue"),
                ("transfer-encoding", "chunked"), ("content-length", "99"), ("transfer_encoding", "chunked"), ("content_length", "7"),
            ], method: "POST", framing: .length(3))
        #expect(values("x-dragoman-account", lines) == ["42"])
        #expect(values("x-forwarded-for", lines) == ["10.0.0.1"])
        #expect(values("x-real-ip", lines) == ["192.0.2.7"])
        #expect(values("content-length", lines) == ["3"])
        #expect(values("host", lines).count == 1)
        for name in [
            "connection", "x-odd", "keep-alive", "proxy-authorization", "proxy-connection", "te", "trailer", "upgrade", "http2-settings",
            "expect", "transfer-encoding", "transfer_encoding", "content_length",
        ] {
            #expect(values(name, lines) == [], "\(name)")
        }
    }

    @Test(arguments: [
        (BodyFraming.none, "GET", [String](), [String]()), (.none, "POST", ["0"], []), (.none, "DELETE", [], []),
        (.length(0), "GET", ["0"], []), (.length(12), "PUT", ["12"], []), (.chunked, "POST", [], ["chunked"]),
    ])
    func `a forwarded head says once how its body ends`(framing: BodyFraming, method: String, length: [String], coding: [String]) {
        let lines = lines([("content-length", "5"), ("transfer-encoding", "gzip")], method: method, framing: framing)
        #expect(values("content-length", lines) == length)
        #expect(values("transfer-encoding", lines) == coding)
    }

    @Test func `X8: forwarding fields of a stranger are rebuilt or dropped`() {
        let said = [
            "x-forwarded-for", "x-forwarded-proto", "x-forwarded-host", "x-forwarded-port", "x-forwarded-prefix", "x-forwarded-uri",
            "x-forwarded-method", "x-forwarded-server", "x-forwarded-user", "forwarded", "x-real-ip", "x-original-url", "x-rewrite-url",
            "x_forwarded_for", "x_real_ip", "x-forwarded_host", "x_original_url", "x-http-method-override", "x-method-override",
        ]
        let lines = lines(said.map { ($0, "evil") }, prefix: "/shop")
        #expect(!lines.contains { $0.contains("evil") })
        #expect(values("x-forwarded-for", lines) == ["10.0.0.1"])
        #expect(values("x-forwarded-proto", lines) == ["http"])
        #expect(values("x-forwarded-host", lines) == ["api.example.com"])
        #expect(values("x-forwarded-port", lines) == ["8080"])
        #expect(values("x-forwarded-prefix", lines) == ["/shop"])
        #expect(values("x-real-ip", lines) == ["192.0.2.7"])
        #expect(values("forwarded", lines) == [])
    }

    @Test(arguments: [false, true])
    func `no client names the proxy that a CGI program would take`(isTrusted: Bool) {
        let lines = lines(
            [("proxy", "http://evil:1"), ("proxy-x", "evil"), ("x-proxy", "stays"), ("proxies", "stay")], isTrusted: isTrusted)
        #expect(!lines.contains { $0.contains("evil") })
        #expect(values("x-proxy", lines) == ["stays"])
        #expect(values("proxies", lines) == ["stay"])
    }

    @Test func `X8: a trusted proxy is believed and added to`() {
        let lines = lines(
            [
                ("x-forwarded-for", "192.0.2.7"), ("x-forwarded-for", "10.9.9.9"), ("x-forwarded-proto", "https"),
                ("x-forwarded-host", "www.example.com"), ("x-forwarded-port", "443"), ("x-forwarded-prefix", "/front"),
                ("x-forwarded-ssl", "on"), ("forwarded", "for=192.0.2.7"), ("x-real-ip", "1.1.1.1"), ("x_forwarded_for", "evil"),
            ], isTrusted: true, prefix: "/shop")
        #expect(values("x-forwarded-for", lines) == ["192.0.2.7, 10.9.9.9, 10.0.0.1"])
        #expect(values("x-forwarded-proto", lines) == ["https"])
        #expect(values("x-forwarded-host", lines) == ["www.example.com"])
        #expect(values("x-forwarded-port", lines) == ["443"])
        #expect(values("x-forwarded-prefix", lines) == ["/front/shop"])
        #expect(values("x-forwarded-ssl", lines) == ["on"])
        #expect(values("forwarded", lines) == ["for=192.0.2.7, for=10.0.0.1"])
        #expect(values("x-real-ip", lines) == ["192.0.2.7"])
        #expect(!lines.contains { $0.contains("evil") })
    }

    @Test func `X8: a client takes nothing away of what a trusted proxy says`() {
        let lines = lines(
            [
                ("x-forwarded-for", "192.0.2.7"), ("x-forwarded-proto", "https"), ("x-forwarded-host", "www.example.com"),
                ("x-forwarded-ssl", "on"), ("x-mine", "gone"),
                ("connection", "X-Forwarded-For, x-forwarded-proto, X-Forwarded-Host, x-forwarded-ssl, X-Mine"),
            ], isTrusted: true)
        #expect(values("x-forwarded-for", lines) == ["192.0.2.7, 10.0.0.1"])
        #expect(values("x-forwarded-proto", lines) == ["https"])
        #expect(values("x-forwarded-host", lines) == ["www.example.com"])
        #expect(values("x-forwarded-ssl", lines) == ["on"])
        #expect(values("x-mine", lines) == [])
    }

    @Test(arguments: [false, true])
    func `X9: no field names another request than the one that was judged, whoever sent it`(isTrusted: Bool) {
        let names = [
            "x-original-url", "x-rewrite-url", "x-original-uri", "x-original-method", "x-forwarded-uri", "x-forwarded-method",
            "x_original_url", "x-http-method-override",
        ]
        #expect(!lines(names.map { ($0, "/evil") }, isTrusted: isTrusted).contains { $0.contains("evil") })
    }

    @Test func `no value brings a line of its own`() {
        let evil = "a\r\nX-Admin: 1\r\n\r\nGET /evil HTTP/1.1"
        let lines = lines(
            [("x-a", evil), ("x\r\nx-admin", "1"), ("x-b", "a\u{0}b"), ("x-c", "a\nb")], isTrusted: true,
            identity: [("X-Dragoman-Email", evil), ("X-Dragoman-Role", "r\u{0}"), ("X-Evil\r\nX-Admin", "1")], path: "/a b\r\nX: y",
            query: "q\u{7F}é")
        #expect(lines[0] == "GET /a%20b%0D%0AX:%20y?q%7F%C3%A9 HTTP/1.1")
        #expect(!lines.dropFirst().contains { $0.lowercased().contains("admin") || $0.contains("evil") })
        #expect(values("x-dragoman-email", lines) == [""])
        #expect(values("x-dragoman-role", lines) == [""])
        #expect(values("x-a", lines) + values("x-b", lines) + values("x-c", lines) == [])
    }

    @Test func `only a WebSocket is upgraded`() {
        let asked = [("connection", "keep-alive, Upgrade"), ("upgrade", "WebSocket"), ("sec-websocket-key", "k")]
        let lines = lines(asked)
        #expect(values("connection", lines) == ["Upgrade"])
        #expect(values("upgrade", lines) == ["websocket"])
        #expect(values("sec-websocket-key", lines) == ["k"])
        for (fields, method) in [
            (asked, "POST"), ([asked[1]], "GET"), ([asked[0]], "GET"), ([asked[0], ("upgrade", "h2c")], "GET"),
            ([asked[0], asked[1], ("upgrade", "h2c")], "GET"),
        ] {
            let lines = self.lines(fields, method: method)
            #expect(values("connection", lines) + values("upgrade", lines) == [])
        }
    }

    @Test func `only a request that changes nothing twice, and has no body, may be sent twice`() {
        let upstream = Upstream.at(1)
        for method in ["GET", "HEAD", "OPTIONS", "PUT", "DELETE"] {
            #expect(ForwardPlan.to(upstream, method).isRepeatable)
            #expect(!ForwardPlan.to(upstream, method, framing: .length(1)).isRepeatable)
            #expect(!ForwardPlan.to(upstream, method, framing: .chunked).isRepeatable)
        }
        for method in ["POST", "PATCH"] { #expect(!ForwardPlan.to(upstream, method).isRepeatable) }
        #expect(!ForwardPlan.to(upstream, upgrade: true).isRepeatable)
    }
}
