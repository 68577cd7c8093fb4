import NIOCore
import Testing

@testable import Gateway

/// Bodies on their way to an upstream, and what happens when either side is slow or has enough.
@Suite struct UpstreamBodyTests {
    private let place = TestExchange.Place()
    private static let answer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"

    @Test func `a body of known length goes on as it comes`() async throws {
        let upstream = try await ScriptedUpstream.start([.receive("hello world"), .send(Self.answer)])
        let exchange = try await TestExchange.start(
            .to(.at(upstream.port), "POST", framing: .length(11)), on: place, body: "hello", isWhole: false)
        try await exchange.send(" world")
        #expect(try await exchange.seen().body == "ok")
        #expect(upstream.received == ["POST /x HTTP/1.1\r\nHost: up\r\n\r\nhello world"])
        #expect(place.pools.idleCount == 1)
    }

    @Test func `a chunked body is framed anew`() async throws {
        let upstream = try await ScriptedUpstream.start([.receive("0\r\n\r\n"), .send(Self.answer)])
        let exchange = try await TestExchange.start(
            .to(.at(upstream.port), "POST", framing: .chunked), on: place, body: "hello", isWhole: false)
        try await exchange.send(" wonderful world")
        try await exchange.endBody()
        #expect(try await exchange.seen().body == "ok")
        let sent = try #require(upstream.received.first?.split(separator: "\r\n\r\n", maxSplits: 1).last)
        // What came before the connection was there is one chunk.
        #expect(sent == "5\r\nhello\r\n10\r\n wonderful world\r\n0\r\n\r\n" || sent == "15\r\nhello wonderful world\r\n0\r\n\r\n")
    }

    @Test func `a large chunk keeps its bytes`() async throws {
        let body = String(repeating: "x", count: 70_000)
        let upstream = try await ScriptedUpstream.start([.receive("\r\n0\r\n\r\n"), .send(Self.answer)])
        let exchange = try await TestExchange.start(.to(.at(upstream.port), "POST", framing: .chunked), on: place, body: body)
        #expect(try await exchange.seen().body == "ok")
        #expect(upstream.received.first?.hasSuffix("\r\n\r\n11170\r\n\(body)\r\n0\r\n\r\n") == true)
    }

    @Test(arguments: [("hello", 4), ("hell", 5)])
    func `a body that is not as long as its head says never becomes another request`(body: String, length: Int) async throws {
        let upstream = try await ScriptedUpstream.start([.receive("never")])
        let plan = ForwardPlan.to(.at(upstream.port), "POST", framing: .length(length))
        let seen = try await TestExchange.start(plan, on: place, body: body).seen()
        #expect(seen.fault == .broken)
        await upstream.closed(0)
        #expect(!upstream.received[0].contains("hello"))
    }

    @Test func `a refusal while the body is being sent is passed on, and the sending ends`() async throws {
        let upstream = try await ScriptedUpstream.start([
            .receive("part"), .send("HTTP/1.1 413 Too Large\r\nContent-Length: 2\r\n\r\nno"),
        ])
        let exchange = try await TestExchange.start(
            .to(.at(upstream.port), "POST", framing: .length(1 << 30)), on: place, body: "part", isWhole: false)
        let seen = try await exchange.seen()
        #expect(seen.answer?.status == 413)
        #expect(seen.body == "no")
        #expect(seen.isEnded)
        try await exchange.send("more")
        try await exchange.endBody()
        await upstream.closed(0)
        #expect(!upstream.received[0].contains("more"))
        #expect(try await place.connections == 0)
        #expect(try await exchange.seen().late == 0)
    }

    @Test func `an answer that begins before the body ends goes on beside it`() async throws {
        let upstream = try await ScriptedUpstream.start([
            .receive("one"), .send("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\none"), .receive("two"), .send("two"),
        ])
        let exchange = try await TestExchange.start(
            .to(.at(upstream.port), "POST", framing: .length(6)), on: place, body: "one", isWhole: false)
        _ = try await exchange.seen { $0.body == "one" }
        try await exchange.send("two")
        let seen = try await exchange.seen()
        #expect(seen.body == "onetwo")
        #expect(seen.isEnded)
        #expect(place.pools.idleCount == 1)
    }

    @Test func `an upstream that answers and resets while megabytes are under way harms nobody`() async throws {
        let upstream = try await ScriptedUpstream.start([
            .receive("part"), .send("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok"), .reset,
        ])
        let exchange = try await TestExchange.start(
            .to(.at(upstream.port), "PUT", framing: .length(64 << 20)), on: place, body: "part", isWhole: false)
        await upstream.received("part", on: 0)
        for _ in 0..<64 { try await exchange.send(String(repeating: "x", count: 64 << 10)) }
        let seen = try await exchange.seen()
        #expect(seen.isOver)
        await upstream.closed(0)
        #expect(try await place.connections == 0)
    }

    @Test func `an upstream that reads slowly stops the client, and sets it going again`() async throws {
        let upstream = try await ScriptedUpstream.start([.receive("\r\n\r\n"), .stopReading])
        let exchange = try await TestExchange.start(
            .to(.at(upstream.port), "POST", framing: .length(1 << 40)), on: place, isWhole: false)
        await upstream.received("\r\n\r\n", on: 0)
        let sent = try await exchange.sendWhileWanted(ByteBuffer(repeating: 0x78, count: 64 << 10))
        // What the kernel holds on both sides, and a little here.
        #expect(sent < 32 << 20)
        try await exchange.cancel()
        #expect(try await place.connections == 0)
    }

    @Test func `the client is asked for more when the upstream has room again`() async throws {
        let upstream = try await ScriptedUpstream.start([.receive("end"), .send(Self.answer)])
        let exchange = try await TestExchange.start(
            .to(.at(upstream.port), "POST", framing: .length((8 << 20) + 3)), on: place, isWhole: false)
        let piece = ByteBuffer(repeating: 0x78, count: 1 << 20)
        var sent = 0
        while sent < 8 << 20 {
            let wishes = try await exchange.seen { _ in true }.wishes
            let taken = try await exchange.sendOne(piece)
            sent += taken
            if taken == 0 { _ = try await exchange.seen { $0.wishes > wishes } }
        }
        try await exchange.send("end")
        #expect(try await exchange.seen().body == "ok")
    }

    @Test func `a client that takes slowly holds the upstream back, and nothing is lost`() async throws {
        let size = 64 << 20
        let upstream = try await ScriptedUpstream.start([
            .receive("\r\n\r\n"), .send("HTTP/1.1 200 OK\r\nContent-Length: \(size)\r\n\r\n"), .sendBytes(size),
        ])
        let exchange = try await TestExchange.start(.to(.at(upstream.port)), on: place, takesBytesUpTo: 1 << 20)
        let first = try await exchange.seen { $0.bytes.readableBytes >= 1 << 20 }
        #expect(first.bytes.readableBytes <= (1 << 20) + (512 << 10))
        // A second exchange on the same loop comes and goes meanwhile: the first was not read on.
        let other = try await ScriptedUpstream.start([.receive("\r\n\r\n"), .send(Self.answer)])
        #expect(try await TestExchange.start(.to(.at(other.port)), on: place).seen().body == "ok")
        #expect(try await exchange.seen { _ in true }.bytes.readableBytes <= (1 << 20) + (512 << 10))
        try await exchange.takeMore(nil)
        let whole = try await exchange.seen()
        #expect(whole.isEnded)
        #expect(whole.bytes.readableBytes == size)
    }

    @Test func `a client that goes away closes the upstream's connection at once`() async throws {
        let upstream = try await ScriptedUpstream.start([.receive("\r\n\r\n")])
        let exchange = try await TestExchange.start(.to(.at(upstream.port)), on: place)
        await upstream.received("\r\n\r\n", on: 0)
        try await exchange.cancel()
        #expect(try await place.connections == 0)
        await upstream.closed(0)
        let seen = try await exchange.seen { _ in true }
        #expect(!seen.isOver)
    }

    @Test func `a client that goes away before there is a connection leaves a good one behind`() async throws {
        let turn: [ScriptedUpstream.Step] = [.receive("\r\n\r\n"), .send(Self.answer)]
        let upstream = try await ScriptedUpstream.start(turn + turn, turn)
        let settings = Upstream.at(upstream.port)
        let exchange = try await TestExchange.start(.to(settings), on: place)
        try await exchange.cancel()
        #expect(try await TestExchange.start(.to(settings), on: place).seen().body == "ok")
    }

    @Test func `small answers are flushed once`() async throws {
        let upstream = try await ScriptedUpstream.start([.receive("\r\n\r\n"), .send("HTTP/1.1 200 OK\r\n\r\nhello"), .close])
        let seen = try await TestExchange.start(.to(.at(upstream.port)), on: place).seen()
        #expect(seen.pauses <= 1)
        #expect(seen.isEnded)
    }
}
