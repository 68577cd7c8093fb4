import NIOCore
import NIOPosix
import Testing

@testable import Gateway

/// Which connection a request takes, when it is sent again, and how long it waits.
@Suite struct UpstreamConnectionTests {
    private let place = TestExchange.Place()
    private static let answer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
    private static let turn: [ScriptedUpstream.Step] = [.receive("\r\n\r\n"), .send(answer)]

    private func exchange(_ plan: ForwardPlan) async throws -> TestExchange.Seen { try await TestExchange.start(plan, on: place).seen() }

    @Test func `a connection serves one request after the other`() async throws {
        let upstream = try await ScriptedUpstream.start(Self.turn + Self.turn + Self.turn)
        let app = Upstream.at(upstream.port)
        for _ in 0..<3 { #expect(try await exchange(.to(app)).body == "ok") }
        #expect(upstream.connections == 1)
        #expect(place.pools.idleCount == 1)
    }

    @Test func `a kept connection that the upstream closed is forgotten`() async throws {
        let upstream = try await ScriptedUpstream.start(Self.turn + [.close], Self.turn)
        let app = Upstream.at(upstream.port)
        #expect(try await exchange(.to(app)).body == "ok")
        await upstream.closed(0)
        #expect(try await exchange(.to(app)).body == "ok")
        #expect(upstream.connections == 2)
    }

    @Test func `a kept connection that says something unasked is closed`() async throws {
        let upstream = try await ScriptedUpstream.start(Self.turn + [.receive("\r\n\r\n"), .send(Self.answer + Self.answer)], Self.turn)
        let app = Upstream.at(upstream.port)
        for _ in 0..<2 { #expect(try await exchange(.to(app)).body == "ok") }
        await upstream.closed(0)
        #expect(try await exchange(.to(app)).body == "ok")
        #expect(upstream.connections == 2)
    }

    @Test(arguments: ["GET", "PUT"])
    func `a request that meets a closed kept connection is sent again, exactly once`(method: String) async throws {
        let upstream = try await ScriptedUpstream.start(Self.turn + [.receive("\r\n\r\n"), .close], Self.turn)
        let app = Upstream.at(upstream.port)
        #expect(try await exchange(.to(app)).body == "ok")
        #expect(try await exchange(.to(app, method)).body == "ok")
        #expect(upstream.connections == 2)
        let stubborn = try await ScriptedUpstream.start(
            Self.turn + [.receive("\r\n\r\n"), .reset], [.receive("\r\n\r\n"), .reset], Self.turn)
        let other = Upstream.at(stubborn.port)
        #expect(try await exchange(.to(other)).body == "ok")
        #expect(try await exchange(.to(other, method)).fault == .broken)
        #expect(stubborn.connections == 2)
    }

    @Test func `a POST is never sent twice, and nothing is after half an answer`() async throws {
        let upstream = try await ScriptedUpstream.start(Self.turn + [.receive("\r\n\r\n"), .close], Self.turn)
        let app = Upstream.at(upstream.port)
        #expect(try await exchange(.to(app)).body == "ok")
        #expect(try await exchange(.to(app, "POST")).fault == .broken)
        #expect(upstream.connections == 1)
        let half = try await ScriptedUpstream.start(Self.turn + [.receive("\r\n\r\n"), .send("HTTP/1.1 2"), .close], Self.turn)
        let other = Upstream.at(half.port)
        #expect(try await exchange(.to(other)).body == "ok")
        #expect(try await exchange(.to(other)).fault == .broken)
        #expect(half.connections == 1)
    }

    @Test func `X12: an upstream where nobody listens is unreachable`() async throws {
        let dead = try DeadPort()
        defer { dead.close() }
        let seen = try await exchange(.to(.at(dead.port)))
        #expect(seen.fault == .unreachable)
        #expect(seen.answer == nil)
        #expect(try await place.connections == 0)
    }

    @Test func `X12: an upstream that is slow to answer times out, and is closed`() async throws {
        let upstream = try await ScriptedUpstream.start([.receive("\r\n\r\n"), .send("HTTP/1.1 200 OK\r\nA: b")])
        let start = ContinuousClock.now
        let seen = try await exchange(.to(.at(upstream.port) { $0.answerTimeout = .milliseconds(100) }))
        #expect(seen.fault == .timeout)
        #expect(seen.answer == nil)
        // Long before the limit that it would have otherwise, however busy the machine is.
        #expect(.now - start < .seconds(20))
        await upstream.closed(0)
    }

    @Test func `an answer that pauses too long fails after its head`() async throws {
        let upstream = try await ScriptedUpstream.start([.receive("\r\n\r\n"), .send("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf")])
        let seen = try await exchange(.to(.at(upstream.port) { $0.idleTimeout = .milliseconds(100) }))
        #expect(seen.body == "half")
        #expect(seen.fault == .timeout)
    }

    @Test(arguments: ["HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n", "HTTP/1.1 101 Go\r\nUpgrade: websocket\r\n\r\n"])
    func `event streams and tunnels pause by a limit of their own`(answer: String) async throws {
        let upstream = try await ScriptedUpstream.start([.receive("\r\n\r\n"), .send(answer)])
        let app = Upstream.at(upstream.port) {
            $0.idleTimeout = .milliseconds(1)
            $0.streamTimeout = .milliseconds(200)
        }
        let start = ContinuousClock.now
        #expect(try await exchange(.to(app, upgrade: true)).fault == .timeout)
        #expect(.now - start >= .milliseconds(200))
    }

    @Test func `while the client is slow to send or to take, the upstream is not to blame`() async throws {
        let upstream = try await ScriptedUpstream.start([.receive("end"), .send(Self.answer)])
        let app = Upstream.at(upstream.port) { $0.answerTimeout = .seconds(1) }
        let exchange = try await TestExchange.start(.to(app, "POST", framing: .length(3)), on: place, isWhole: false)
        let slow = try await ScriptedUpstream.start([.receive("\r\n\r\n")])
        let other = Upstream.at(slow.port) { $0.answerTimeout = .milliseconds(1200) }
        #expect(try await self.exchange(.to(other)).fault == .timeout)
        try await exchange.send("end")
        #expect(try await exchange.seen().body == "ok")
    }

    @Test func `an address that cannot be reached is passed over`() async throws {
        let upstream = try await ScriptedUpstream.start(Self.turn + Self.turn + Self.turn + Self.turn)
        let dead = try DeadPort()
        defer { dead.close() }
        let app = Upstream.at(dead.port, upstream.port)
        for _ in 0..<4 { #expect(try await exchange(.to(app)).body == "ok") }
        #expect(upstream.connections == 1)
    }

    @Test func `a POST that was not sent goes to another address, its body with it`() async throws {
        let upstream = try await ScriptedUpstream.start([.receive("body"), .send(Self.answer)])
        let dead = try DeadPort()
        defer { dead.close() }
        let app = Upstream.at(dead.port, upstream.port)
        let plan = ForwardPlan.to(app, "POST", framing: .length(4))
        #expect(try await TestExchange.start(plan, on: place, body: "body").seen().body == "ok")
    }

    @Test func `names are resolved`() async throws {
        let upstream = try await ScriptedUpstream.start(Self.turn)
        let address = try #require(UpstreamAddress(host: "localhost", port: upstream.port))
        #expect(try await exchange(.to(Upstream(name: "app", settings: UpstreamSettings(addresses: [address])))).body == "ok")
        let nowhere = try #require(UpstreamAddress(host: "nowhere.invalid", port: 80))
        #expect(try await exchange(.to(Upstream(name: "app", settings: UpstreamSettings(addresses: [nowhere])))).fault == .unreachable)
    }

    @Test func `more connections than an upstream may have are refused at once`() async throws {
        let upstream = try await ScriptedUpstream.start([.receive("\r\n\r\n")], [.receive("\r\n\r\n")], Self.turn)
        let app = Upstream.at(upstream.port) { $0.connections = 2 }
        let busy = [try await TestExchange.start(.to(app), on: place), try await TestExchange.start(.to(app), on: place)]
        await upstream.received("\r\n\r\n", on: 1)
        #expect(try await exchange(.to(app)).fault == .full)
        try await busy[0].cancel()
        #expect(try await exchange(.to(app)).body == "ok")
        #expect(upstream.connections == 3)
    }

    @Test(arguments: [true, false])
    func `where there are too many connections, an idle one of any loop makes room for another upstream`(isSameLoop: Bool) async throws {
        let loops = MultiThreadedEventLoopGroup(numberOfThreads: 2)
        let pools = UpstreamPools(limit: 1)
        let first = TestExchange.Place(eventLoop: loops.next(), pools: pools)
        let second = isSameLoop ? first : TestExchange.Place(eventLoop: loops.next(), pools: pools)
        let idle = try await ScriptedUpstream.start(Self.turn)
        #expect(try await TestExchange.start(.to(.at(idle.port)), on: first).seen().body == "ok")
        #expect(pools.idleCount == 1)
        let wanted = try await ScriptedUpstream.start([.receive("\r\n\r\n"), .receive("go"), .send(Self.answer)])
        let plan = ForwardPlan.to(.at(wanted.port), "POST", framing: .length(2))
        let exchange = try await TestExchange.start(plan, on: second, isWhole: false)
        await idle.closed(0)
        await wanted.received("\r\n\r\n", on: 0)
        // None is idle now, so there is no room for a third.
        #expect(try await TestExchange.start(.to(.at(idle.port)), on: first).seen().fault == .full)
        try await exchange.send("go")
        #expect(try await exchange.seen().body == "ok")
        pools.close()
        try await loops.shutdownGracefully()
    }

    @Test func `of an upstream that a reload has replaced no connection is kept`() async throws {
        let upstream = try await ScriptedUpstream.start([.receive("\r\n\r\n"), .receive("go"), .send(Self.answer)], Self.turn)
        let app = Upstream.at(upstream.port)
        let busy = try await TestExchange.start(.to(app, "POST", framing: .length(2)), on: place, isWhole: false)
        await upstream.received("\r\n\r\n", on: 0)
        #expect(try await exchange(.to(app)).body == "ok")
        place.pools.retire([app])
        await upstream.closed(1)
        try await busy.send("go")
        #expect(try await busy.seen().body == "ok")
        await upstream.closed(0)
        #expect(try await place.connections == 0)
    }

    @Test func `a kept connection is closed when its time is over, or the upstream's own would be`() async throws {
        let upstream = try await ScriptedUpstream.start(Self.turn)
        #expect(try await exchange(.to(.at(upstream.port) { $0.keepTimeout = .milliseconds(50) })).body == "ok")
        await upstream.closed(0)
        let brief = try await ScriptedUpstream.start([
            .receive("\r\n\r\n"), .send("HTTP/1.1 200 OK\r\nKeep-Alive: timeout=1\r\nContent-Length: 0\r\n\r\n"),
        ])
        let start = ContinuousClock.now
        #expect(try await exchange(.to(.at(brief.port))).isEnded)
        await brief.closed(0)
        #expect(.now - start < .seconds(5))
        #expect(try await place.connections == 0)
    }

    @Test func `when pools are closed nothing is kept, and what is under way ends well`() async throws {
        let upstream = try await ScriptedUpstream.start([.receive("\r\n\r\n"), .receive("go"), .send(Self.answer)])
        let exchange = try await TestExchange.start(.to(.at(upstream.port), "POST", framing: .length(2)), on: place, isWhole: false)
        await upstream.received("\r\n\r\n", on: 0)
        place.pools.close()
        try await exchange.send("go")
        #expect(try await exchange.seen().body == "ok")
        await upstream.closed(0)
        #expect(try await place.connections == 0)
    }

    @Test func `an answer of a connection that cannot be made in time is a timeout`() async throws {
        // A listener that never accepts, its queue full: more connections stay half made.
        let listener = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.backlog, value: 0).serverChannelOption(.autoRead, value: false)
            .bind(host: "127.0.0.1", port: 0).get()
        let port = try #require(listener.localAddress?.port)
        let fillers = (0..<4).map { _ in
            ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton).connectTimeout(.milliseconds(300)).connect(
                host: "127.0.0.1", port: port)
        }
        for filler in fillers { _ = try? await filler.get() }
        let seen = try await exchange(.to(.at(port) { $0.connectTimeout = .milliseconds(100) }))
        #expect(seen.fault == .timeout)
        try await listener.close()
    }
}
