import NIOCore
import Testing

@testable import Gateway

/// Answers of every kind, over real sockets.
@Suite struct UpstreamExchangeTests {
    private let place = TestExchange.Place()

    /// One request, one scripted answer, all that the client was told.
    private func seen(
        _ answer: String, thenCloses: Bool = false, _ method: String = "GET", isVersion10: Bool = false, upgrade: Bool = false
    ) async throws -> (seen: TestExchange.Seen, upstream: ScriptedUpstream) {
        let end: [ScriptedUpstream.Step] = thenCloses ? [.close] : []
        let upstream = try await ScriptedUpstream.start([.receive("\r\n\r\n"), .send(answer)] + end)
        let plan = ForwardPlan.to(.at(upstream.port), method, isVersion10: isVersion10, upgrade: upgrade)
        return (try await TestExchange.start(plan, on: place).seen(), upstream)
    }

    @Test(arguments: [
        (
            "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nDate: d\r\n\r\nhello", "Date: d\r\nContent-Length: 5\r\n", BodyFraming.length(5),
            "hello"
        ),
        ("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", "Content-Length: 0\r\n", .length(0), ""),
        (
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5;x=y\r\nhello\r\n1\r\n!\r\n0\r\nX-Dragoman-Role: admin\r\n\r\n",
            "Transfer-Encoding: chunked\r\n", .chunked, "5\r\nhello\r\n1\r\n!\r\n0\r\n\r\n"
        ),
        ("HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\n", "", .none, ""),
        ("HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\nETag: e\r\n\r\n", "ETag: e\r\nContent-Length: 5\r\n", .none, ""),
        ("HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 2\r\n\r\nok", "Content-Length: 2\r\n", .length(2), "ok"),
    ])
    func `an answer is passed on with its framing, and the connection kept`(
        answer: String, fields: String, framing: BodyFraming, body: String
    ) async throws {
        let (seen, upstream) = try await seen(answer)
        #expect(seen.isEnded)
        #expect(seen.fields == fields)
        #expect(seen.answer?.framing == framing)
        #expect(seen.body == body)
        #expect(place.pools.idleCount == 1)
        #expect(try await place.connections == 1)
        place.pools.close()
        await upstream.closed(0)
        #expect(try await place.connections == 0)
    }

    @Test func `X13: an answer to HEAD has no body, whatever its fields say`() async throws {
        let (plain, _) = try await seen("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", "HEAD")
        #expect(plain.isEnded)
        #expect(plain.answer?.framing == BodyFraming.none)
        #expect(plain.fields == "Content-Length: 5\r\n")
        let (chunked, _) = try await seen("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", "HEAD")
        #expect(chunked.isEnded)
        #expect(chunked.fields == "")
        // Many an upstream sends the body nevertheless, and the next request would have it for an answer.
        #expect(place.pools.idleCount == 0)
        let (empty, _) = try await seen("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", "HEAD")
        #expect(empty.isEnded)
        #expect(place.pools.idleCount == 1)
    }

    @Test(arguments: [
        "0", "1", "5", "86400", "4294967295", "4294967296", "-1", "-9223372036854776", "9223372036854775807", "-9223372036854775808",
        "99999999999999999999", "+5", "", "x", "5s",
    ])
    func `whatever an upstream says of how long it keeps a connection, the answer passes`(seconds: String) async throws {
        let (seen, _) = try await seen("HTTP/1.1 200 OK\r\nKeep-Alive: timeout=\(seconds), max=5\r\nContent-Length: 2\r\n\r\nok")
        #expect(seen.isEnded)
        #expect(seen.body == "ok")
    }

    @Test(arguments: ["HTTP/1.1 200 OK\r\n\r\nhello", "HTTP/1.0 200 OK\r\n\r\nhello", "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nhello"])
    func `an answer that ends with its connection is framed for the client`(answer: String) async throws {
        let (framed, _) = try await seen(answer, thenCloses: true)
        #expect(framed.isEnded)
        #expect(framed.answer?.framing == .chunked)
        #expect(framed.body.hasPrefix("5\r\nhello\r\n"))
        #expect(framed.body.hasSuffix("0\r\n\r\n"))
        let (plain, _) = try await seen(answer, thenCloses: true, isVersion10: true)
        #expect(plain.answer?.framing == .untilClose)
        #expect(plain.fields == "")
        #expect(plain.body == "hello")
        #expect(try await place.connections == 0)
    }

    @Test func `an HTTP/1.0 client is never sent chunks`() async throws {
        let (seen, _) = try await seen(
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n", isVersion10: true)
        #expect(seen.answer?.framing == .untilClose)
        #expect(seen.body == "hello")
        #expect(seen.isEnded)
    }

    @Test(arguments: [
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello!", "HTTP/1.1 204 No Content\r\n\r\nsurplus",
        "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\nHTTP/1.1 200 OK\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nx",
        "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n",
    ])
    func `a connection with surplus bytes, or about to close, serves no other request`(answer: String) async throws {
        let (seen, upstream) = try await seen(answer)
        #expect(seen.isEnded)
        #expect(place.pools.idleCount == 0)
        await upstream.closed(0)
    }

    @Test(arguments: [
        "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nhello",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n",
    ])
    func `a truncated answer fails after its head, never ended as if whole`(answer: String) async throws {
        let (seen, _) = try await seen(answer, thenCloses: true)
        #expect(seen.answer?.status == 200)
        #expect(seen.fault == .broken)
        #expect(!seen.isEnded)
        #expect(!seen.body.hasSuffix("0\r\n\r\n"))
        #expect(seen.late == 0)
    }

    @Test func `a chunk that is none breaks the answer`() async throws {
        let (seen, upstream) = try await seen("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\nzz\r\n")
        #expect(seen.body == "5\r\nhello\r\n")
        #expect(seen.fault == .broken)
        await upstream.closed(0)
    }

    @Test func `an answer ended by a reset is broken, though it had no length`() async throws {
        let upstream = try await ScriptedUpstream.start([
            .receive("\r\n\r\n"), .send("HTTP/1.1 200 OK\r\n\r\nhello"), .receive("0\r\n\r\n"), .reset,
        ])
        let exchange = try await TestExchange.start(.to(.at(upstream.port), "POST", framing: .chunked), on: place, isWhole: false)
        _ = try await exchange.seen { $0.body == "5\r\nhello\r\n" }
        try await exchange.send("go")
        try await exchange.endBody()
        let seen = try await exchange.seen()
        #expect(seen.fault == .broken)
    }

    @Test(arguments: [
        "nonsense\r\n\r\n", "HTTP/1.1 200 OK\nContent-Length: 0\n\n", "HTTP/1.1 200 OK\r\nA: b\r\n c\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", "HTTP/1.1 101 Switching\r\nUpgrade: websocket\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
        String(repeating: "HTTP/1.1 103 Early Hints\r\n\r\n", count: 17), "HTTP/1.1 200 OK\r\nA: \(String(repeating: "b", count: 70_000))",
    ])
    func `an answer that is no sound HTTP is broken before its head`(answer: String) async throws {
        let (seen, upstream) = try await seen(answer)
        #expect(seen.answer == nil)
        #expect(seen.fault == .broken)
        await upstream.closed(0)
        #expect(try await place.connections == 0)
    }

    @Test(arguments: ["", "HTTP/1.1 200 OK\r\nContent-"])
    func `an upstream that closes without an answer is broken`(answer: String) async throws {
        let (seen, _) = try await seen(answer, thenCloses: true)
        #expect(seen.fault == .broken)
        #expect(seen.answer == nil)
    }

    @Test func `interim answers are passed on, 100 excepted, and never to HTTP/1.0`() async throws {
        let answer =
            "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\nConnection: x\r\nX: y\r\n\r\nHTTP/1.1 200 OK\r\n"
            + "Content-Length: 0\r\n\r\n"
        let (seen, _) = try await seen(answer)
        #expect(seen.interims == ["HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"])
        #expect(seen.answer?.status == 200)
        let (old, _) = try await self.seen(answer, isVersion10: true)
        #expect(old.interims == [])
        #expect(old.isEnded)
    }

    @Test func `X11: a redirect is passed to the client, not followed`() async throws {
        let (seen, upstream) = try await seen("HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/evil\r\nContent-Length: 0\r\n\r\n")
        #expect(seen.answer?.status == 302)
        #expect(seen.fields == "Location: http://127.0.0.1:1/evil\r\nContent-Length: 0\r\n")
        #expect(upstream.connections == 1)
    }

    @Test func `an answer that comes byte by byte is the same answer`() async throws {
        let answer = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"
        // Each byte waits for a byte of the request's body, so none comes together with the next.
        let steps = answer.utf8.flatMap { [ScriptedUpstream.Step.receive("~"), .send(String(decoding: [$0], as: UTF8.self))] }
        let upstream = try await ScriptedUpstream.start([.receive("\r\n\r\n")] + steps)
        let count = answer.utf8.count
        let exchange = try await TestExchange.start(
            .to(.at(upstream.port), "POST", framing: .length(count), isVersion10: true), on: place, isWhole: false)
        await upstream.received("\r\n\r\n", on: 0)
        for index in 1...count {
            try await exchange.send("~")
            await upstream.received(String(repeating: "~", count: index), on: 0)
        }
        let seen = try await exchange.seen()
        #expect(seen.body == "abc")
        #expect(seen.isEnded)
    }

    @Test func `101 makes a tunnel of raw bytes`() async throws {
        let upstream = try await ScriptedUpstream.start([
            .receive("\r\n\r\n"),
            .send("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: a\r\n\r\nfirst"),
            .receive("ping"), .send("pong"), .receive("bye"), .close,
        ])
        let exchange = try await TestExchange.start(.to(.at(upstream.port), upgrade: true), on: place)
        let switched = try await exchange.seen { $0.body == "first" }
        #expect(switched.isSwitched)
        #expect(switched.fields == "Sec-WebSocket-Accept: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n")
        try await exchange.send("ping")
        _ = try await exchange.seen { $0.body == "firstpong" }
        try await exchange.send("bye")
        let seen = try await exchange.seen()
        #expect(seen.isEnded)
        #expect(try await place.connections == 0)
    }

    @Test func `an upgrade that is refused is an answer like any other`() async throws {
        let (seen, _) = try await seen("HTTP/1.1 403 Forbidden\r\nUpgrade: websocket\r\nContent-Length: 2\r\n\r\nno", upgrade: true)
        #expect(!seen.isSwitched)
        #expect(seen.fields == "Content-Length: 2\r\n")
        #expect(seen.body == "no")
        let (other, _) = try await self.seen("HTTP/1.1 101 Switching\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n\r\n", upgrade: true)
        #expect(other.fault == .broken)
    }
}
