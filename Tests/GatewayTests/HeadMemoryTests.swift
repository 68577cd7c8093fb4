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

    @Test func `what is remembered is bounded, and the newest stays`() {
        let memory = HeadMemory()
        var raw = RawHead()
        let bytes = Array("GET / HTTP/1.1\r\nHost: a\r\n\r\n".utf8)
        #expect(bytes.withUnsafeBytes { raw.read($0, limit: 9) })
        guard let head = try? CheckedHead(raw, limits: EdgeLimits(), address: "") else { return }
        let changes = ChangeMark()
        var last = HeadMemory.Key(.init(string: ""), peer: "")
        let first = last
        for number in 0..<10_000 {
            memory.remember(
                .init(
                    last, .answer(.init(), dateAt: 0, Shared(EdgeAnswer(response: .init(status: 200)))),
                    Reuse(mark: 0, changes: changes, until: .latest),
                    Arrival(head, EdgeRequest(wire: head.wire), generation: 0), bytes: 2048))
            if number < 9_999 { last = HeadMemory.Key(.init(string: "\(number)"), peer: "") }
        }
        #expect(memory.entry(for: first) == nil)
        #expect(memory.entry(for: last) != nil)
    }
}

extension String {
    fileprivate func components(between mark: String) -> [Substring] { split(separator: mark) }
}
