import DialectEngine
import Identity
import NIOCore
import TestSupport
import Testing

@testable import Gateway

@Suite struct HeadMemoryTests {
    /// T12, X14.
    @Test func `who asks again on the same connection is known until the session ends`() async throws {
        try await TestGateway.with { gateway, _ async throws -> Void in
            let token = try await gateway.signIn()
            let connection = try await RawConnection.open(gateway.port)
            let ask = "GET /me HTTP/1.1\r\nHost: pocket.test\r\nAuthorization: Bearer \(token)\r\n\r\n"
            for _ in 0..<3 {
                try await connection.send(ask)
                await connection.wait(for: "}")
            }
            #expect(try await gateway.send("POST", "/logout", token: token).status == 204)
            try await connection.send(ask + "GET /nowhere HTTP/1.1\r\nHost: pocket.test\r\nConnection: close\r\n\r\n")
            let statuses = try await connection.rest().split(separator: "HTTP/1.1 ").map { $0.prefix(3) }
            #expect(statuses == ["200", "200", "200", "401", "404"])
            let named = gateway.lines.all.filter { $0.hasPrefix("info request ") }.compactMap { line in
                line.split(separator: " ").first { $0.hasPrefix("request=") }
            }
            #expect(named.count > 4 && Set(named).count == named.count)
        }
    }

    @Test func `an answer that is repeated is the same to the byte, and a token of one bit less is another`() async throws {
        try await TestGateway.with { gateway, _ async throws -> Void in
            let token = try await gateway.signIn()
            let ask = { (token: String) in "GET /me HTTP/1.1\r\nHost: pocket.test\r\nAuthorization: Bearer \(token)\r\n\r\n" }
            let connection = try await RawConnection.open(gateway.port)
            for _ in 0..<2 {
                try await connection.send(ask(token))
                await connection.wait(for: "}")
            }
            var bytes = Array(token.utf8)
            bytes[bytes.count - 3] ^= 1
            try await connection.send(ask(String(decoding: bytes, as: UTF8.self)))
            try await connection.send("GET / HTTP/1.0\r\n\r\n")
            let answers = try await connection.rest().components(between: "HTTP/1.1 ")
            let undated = answers.map { answer in answer.split(separator: "\r\n").filter { !$0.hasPrefix("Date: ") } }
            #expect(answers.count == 4 && undated[0] == undated[1])
            #expect(answers[2].hasPrefix("401"))
        }
    }

    @Test func `what was decided by a clock that was ahead is decided anew`() {
        let now = Instant(seconds: 1_800_000_000)
        let reuse = Reuse(mark: 0, changes: ChangeMark(), since: now, until: now + .seconds(60))
        let holds = [-1500, -1, 0, 59, 60].map { reuse.holds(at: now + .seconds($0)) }
        #expect(holds == [false, false, true, true, false])
    }

    @Test func `what is remembered is bounded, and the newest stays`() throws {
        let memory = HeadMemory()
        let keys = (0..<4000).map { HeadMemory.Key(.init(string: "\($0)"), peer: "") }
        for key in keys { memory.remember(try Self.entry(key, "GET / HTTP/1.1\r\nHost: a\r\n\r\n", bytes: 2048)) }
        #expect(memory.entry(for: keys[0]) == nil)
        #expect(memory.entry(for: keys[3999]) != nil)
    }

    @Test func `a head of many fields counts with all that is kept of it`() throws {
        let memory = HeadMemory()
        let fields = (0..<90).map { "field-\($0): " + String(repeating: "x", count: 160) + "\r\n" }.joined()
        let heads = (0..<1000).map { "GET /\($0) HTTP/1.1\r\nHost: a\r\n\(fields)\r\n" }
        let keys = heads.map { HeadMemory.Key(.init(string: $0), peer: "") }
        for (key, head) in zip(keys, heads) { memory.remember(try Self.entry(key, head, bytes: 0)) }
        let kept = zip(keys, heads).filter { memory.entry(for: $0.0) != nil }
        // Bytes as they came and the fields made of them, in two halves of four mebibytes.
        #expect(kept.count > 100 && kept.reduce(0) { $0 + $1.1.utf8.count * 2 } < 8 << 20)
    }

    private static func entry(_ key: HeadMemory.Key, _ head: String, bytes: Int) throws -> HeadMemory.Entry {
        var raw = RawHead()
        try #require(Array(head.utf8).withUnsafeBytes { raw.read($0, limit: 100) })
        let checked = try CheckedHead(raw, limits: EdgeLimits(), address: "")
        return HeadMemory.Entry(
            key, .answer(.init(), dateAt: 0, Shared(EdgeAnswer(response: .init(status: 200)))),
            Reuse(mark: 0, changes: ChangeMark(), since: FrontendKeys.always, until: .latest),
            Arrival(checked, EdgeRequest(wire: checked.wire), generation: 0), bytes: bytes)
    }
}

extension String {
    fileprivate func components(between mark: String) -> [Substring] { split(separator: mark) }
}
