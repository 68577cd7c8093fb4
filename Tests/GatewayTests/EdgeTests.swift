import Gateway
import Identity
import Testing

@Suite struct EdgeTests {
    /// X3.
    @Test func `a target that two programs could read differently is refused`() async throws {
        let targets = [
            "/a/../me", "/./me", "//me", "/me//x", "/me\\x", "/me;a=b", "/me#x", "/me%2f", "/%2e%2e/me", "/me%5cx", "/me%00", "/me%0d%0a",
            "/me%25", "/me%", "/me%2", "/me%zz", "/..", "/.", "/me/..", "/me%7f", "/me?x=#y", "/" + String(repeating: "a", count: 8200),
        ]
        try await refuses(targets.map { "GET \($0) HTTP/1.1\r\nHost: pocket.test\r\n\r\n" })
    }

    /// X3.
    @Test func `escapes of plain characters are the characters`() async throws {
        try await TestGateway.with { gateway, _ async throws -> Void in
            #expect(try await gateway.send("GET", "/%6de").status == 401)
            #expect(try await gateway.send("GET", "/me%40").status == 404)
            #expect(try await gateway.send("GET", "/me?%").status == 401)
        }
    }

    /// X4.
    @Test func `only origin-form is served`() async throws {
        try await refuses([
            "GET http://pocket.test/me HTTP/1.1\r\nHost: pocket.test\r\n\r\n", "CONNECT evil:443 HTTP/1.1\r\nHost: evil:443\r\n\r\n",
            "CONNECT pocket.test:1 HTTP/1.1\r\nHost: pocket.test\r\n\r\n", "OPTIONS * HTTP/1.1\r\nHost: pocket.test\r\n\r\n",
            "GET me HTTP/1.1\r\nHost: pocket.test\r\n\r\n", "GET https://evil/ HTTP/1.1\r\nHost: evil\r\n\r\n",
        ])
    }

    /// X4.
    @Test func `methods that no API has are refused with what there is`() async throws {
        try await TestGateway.with { gateway, _ async throws -> Void in
            for method in ["TRACE", "PROPFIND", "LOCK", "PURGE"] {
                let answer = try await gateway.send(method, "/me")
                #expect(answer.status == 405 && answer["allow"]?.contains("GET") == true, "\(method)")
                #expect(answer.json?["error"]?.string == "method_not_allowed", "\(method)")
            }
        }
    }

    /// X5.
    @Test func `a request names exactly one host`() async throws {
        let fields = [
            "", "Host: a\r\nHost: b\r\n", "Host: a\r\nHost: a\r\n", "Host:\r\n", "Host: ###\r\n", "Host: a b\r\n", "Host: user@a\r\n",
            "Host: a:b\r\n", "Host: a:70000\r\n", "Host: [::1\r\n", "Host: a/b\r\n",
        ]
        try await refuses(fields.map { "GET /me HTTP/1.1\r\n\($0)\r\n" })
    }

    /// X6.
    @Test func `a body that could be framed in two ways is refused and the connection closed`() async throws {
        let fields = [
            "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n", "Content-Length: 3\r\nContent-Length: 4\r\n",
            "Content-Length: 3\r\nContent-Length: 3\r\n", "Content-Length: +3\r\n", "Content-Length: 3, 3\r\n", "Content-Length: -1\r\n",
            "Transfer-Encoding: xchunked\r\n", "Transfer-Encoding: gzip, chunked\r\n", "Transfer-Encoding: chunked, chunked\r\n",
            "Transfer-Encoding: identity\r\n", "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", "X-A: b\r\n folded\r\n",
            "X-A : b\r\n", "X-A: a\u{0}b\r\n", "X-A: b\nX-B: c\r\n",
        ]
        try await refuses(fields.map { "POST /login HTTP/1.1\r\nHost: pocket.test\r\n\($0)\r\nabc" })
    }

    /// X6.
    @Test func `HTTP 1.0 has no transfer codings`() async throws {
        try await refuses(["POST /login HTTP/1.0\r\nHost: pocket.test\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"])
    }

    @Test func `heads have bounds`() async throws {
        let fields = [
            (1...101).map { "X-\($0): a\r\n" }.joined(), "X-A: \(String(repeating: "a", count: 17_000))\r\n",
            (1...20).map { "X-\($0): \(String(repeating: "a", count: 900))\r\n" }.joined(),
        ]
        try await refuses(fields.map { "GET /me HTTP/1.1\r\nHost: pocket.test\r\n\($0)\r\n" })
    }

    /// X7.
    @Test func `an expectation other than 100-continue fails`() async throws {
        try await TestGateway.with { gateway, _ async throws -> Void in
            for expectation in ["y 100-continue", "gold", "100-continue, gold"] {
                #expect(try await gateway.send("POST", "/login", "{}", fields: ["Expect: \(expectation)"]).status == 417)
            }
        }
    }

    /// X7.
    @Test func `whoever waits for 100 Continue gets it before the answer`() async throws {
        try await TestGateway.with { gateway, _ async throws -> Void in
            let connection = try await RawConnection.open(gateway.port)
            try await connection.send(
                "POST /login HTTP/1.1\r\nHost: pocket.test\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: 2\r\n"
                    + "Expect: 100-continue\r\n\r\n")
            await connection.wait(for: "HTTP/1.1 100 Continue\r\n\r\n")
            try await connection.send("{}")
            #expect(try await connection.rest().contains("HTTP/1.1 422 "))
        }
    }

    /// X16.
    @Test func `a body over the limit is refused without being read`() async throws {
        try await TestGateway.with { gateway, _ async throws -> Void in
            let declared = try await RawConnection.exchange(
                gateway.port, "POST /login HTTP/1.1\r\nHost: pocket.test\r\nContent-Length: 99999999\r\n\r\n")
            #expect(Answer(declared).status == 413)
            #expect(Answer(declared)["connection"] == "close")
            let chunk = "10000\r\n" + String(repeating: "a", count: 65_536) + "\r\n"
            let chunked = try await RawConnection.exchange(
                gateway.port,
                "POST /login HTTP/1.1\r\nHost: pocket.test\r\nTransfer-Encoding: chunked\r\n\r\n"
                    + String(repeating: chunk, count: 17))
            #expect(Answer(chunked).status == 413)
        }
    }

    @Test func `a chunked body is a body`() async throws {
        try await TestGateway.with { gateway, _ async throws -> Void in
            let text = try await RawConnection.exchange(
                gateway.port,
                "POST /login HTTP/1.1\r\nHost: pocket.test\r\nConnection: close\r\nContent-Type: application/json\r\n"
                    + "Transfer-Encoding: Chunked\r\n\r\n1\r\n{\r\n1\r\n}\r\n0\r\n\r\n")
            #expect(Answer(text).status == 422)
        }
    }

    @Test func `requests of one connection are answered in their order`() async throws {
        try await TestGateway.with { gateway, _ async throws -> Void in
            let get = { (path: String, more: String) in "GET \(path) HTTP/1.1\r\nHost: pocket.test\r\n\(more)\r\n" }
            let text = try await RawConnection.exchange(
                gateway.port, get("/me", "") + get("/nowhere", "") + get("/me", "Connection: Close\r\n") + get("/nowhere", ""))
            let statuses = text.split(separator: "HTTP/1.1 ").map { $0.prefix(3) }
            #expect(statuses == ["401", "404", "401"])
        }
    }

    @Test func `an HTTP 1.0 connection ends with its answer`() async throws {
        try await TestGateway.with { gateway, _ async throws -> Void in
            for field in ["", "Connection: keep-alive\r\n"] {
                let answer = Answer(try await RawConnection.exchange(gateway.port, "GET /me HTTP/1.0\r\n\(field)\r\n"))
                #expect(answer.status == 401 && answer["connection"] == "close")
            }
        }
    }

    @Test func `HEAD has the fields of GET and no body`() async throws {
        try await TestGateway.with { gateway, _ async throws -> Void in
            let token = try await gateway.signIn()
            let get = try await gateway.send("GET", "/me", token: token)
            let head = try await gateway.send("HEAD", "/me", token: token)
            #expect(head.status == 200 && head.body.isEmpty)
            #expect(head["content-length"] == get["content-length"])
        }
    }

    @Test func `a head that drips is cut off, and so is silence`() async throws {
        var limits = EdgeLimits()
        limits.idle = .milliseconds(200)
        limits.head = .milliseconds(200)
        limits.body = .milliseconds(200)
        try await TestGateway.with(limits: limits) { gateway, _ async throws -> Void in
            for text in ["", "GET /me HT", "POST /login HTTP/1.1\r\nHost: pocket.test\r\nContent-Length: 9\r\n\r\nabc"] {
                #expect(try await RawConnection.exchange(gateway.port, text).isEmpty)
            }
        }
    }

    /// Sends each and expects the dialect's refusal, the connection closed and the process alive.
    private func refuses(_ requests: [String]) async throws {
        try await TestGateway.with { gateway, _ async throws -> Void in
            for request in requests {
                let answer = Answer(try await RawConnection.exchange(gateway.port, request))
                #expect(answer.status == 400 && answer["connection"] == "close", "\(request.prefix(200))")
                #expect(answer.json?["error"]?.string == "malformed", "\(request.prefix(200))")
            }
            #expect(try await gateway.send("GET", "/me").status == 401)
        }
    }
}
