import NIOCore
import Testing

@testable import Gateway

@Suite struct UpstreamAnswerHeadTests {
    private func parsed(_ text: String, withheld: [String] = []) -> AnswerHead? {
        let bytes = ByteBuffer(string: text)
        var boundary = HeadBoundary(limit: AnswerHead.byteLimit)
        guard case .complete(let length) = boundary.find(in: bytes), length == bytes.readableBytes else { return nil }
        return AnswerHead(bytes, withheld: withheld)
    }

    @Test(arguments: [
        "HTTP/1.1 20 OK\r\n\r\n", "HTTP/1.1 2000 OK\r\n\r\n", "HTTP/1.1  200 OK\r\n\r\n", "HTTP/1.1 2x0 OK\r\n\r\n",
        "HTTP/2 200 OK\r\n\r\n",
        "HTTP/1.2 200 OK\r\n\r\n", "http/1.1 200 OK\r\n\r\n", "HTTP/1.1 099 OK\r\n\r\n", "HTTP/1.1 600 OK\r\n\r\n", "\r\n\r\n",
        "HTTP/1.1 200OK\r\n\r\n", "HTTP/1.1 200 O\u{0}K\r\n\r\n", "HTTP/1.1 200 O\rK\r\n\r\n", "ICY 200 OK over and out\r\n\r\n",
        "HTTP/1.1 200 OK\n\r\n", "HTTP/1.1 200 OK\r\nA: b\n\r\n", "HTTP/1.1 200 OK\r\nA: b\r\n\n", "HTTP/1.1 200 OK\r\nA: b\r\n c\r\n\r\n",
        "HTTP/1.1 200 OK\r\nA : b\r\n\r\n", "HTTP/1.1 200 OK\r\n: b\r\n\r\n", "HTTP/1.1 200 OK\r\nnothing\r\n\r\n",
        "HTTP/1.1 200 OK\r\nA: b\rc\r\n\r\n", "HTTP/1.1 200 OK\r\nA: b\u{0}\r\n\r\n", "HTTP/1.1 200 OK\r\nÄ: b\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 5, 5\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: +5\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: \r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 0x5\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n", "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", "HTTP/1.1 200 OK\r\nTransfer-Encoding: xchunked\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding:\r\n\r\n", "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
    ])
    func `a head that two programs could read differently is refused`(text: String) {
        #expect(parsed(text) == nil)
    }

    @Test(arguments: [
        ("Server: a\r\nX-A: b\r\n", "Server: a\r\nX-A: b\r\n"),
        ("Connection: keep-alive\r\nKeep-Alive: timeout=5\r\nServer: a\r\n", "Server: a\r\n"),
        ("Server: a\r\nConnection: x-secret , close\r\nX-Secret: b\r\nX-B: c\r\nx-secret: d\r\n", "Server: a\r\nX-B: c\r\n"),
        (
            "Transfer-Encoding: Chunked\r\nTrailer: x\r\nTE: a\r\nUpgrade: h2c\r\nProxy-Connection: a\r\nProxy-Authenticate: b\r\nA: b\r\n",
            "A: b\r\n"
        ),
        ("X-Dragoman-Account: 1\r\nx-dragoman_role: admin\r\nX_DRAGOMAN_EMAIL: e\r\nX-Dragomans: kept\r\n", "X-Dragomans: kept\r\n"),
        ("Set-Cookie: a=b\r\nSet-Cookie: c=d\r\n", "Set-Cookie: a=b\r\nSet-Cookie: c=d\r\n"),
        ("Content-Length: 5\r\nA:\r\nContent-Length: 5\r\n", "A:\r\n"), ("X-Ours: a\r\nx-ours: b\r\nB: c\r\n", "B: c\r\n"), ("", ""),
    ])
    func `X13: hop-by-hop fields and the gateway's own are taken out of an answer`(lines: String, kept: String) throws {
        let head = try #require(parsed("HTTP/1.1 200 OK\r\n\(lines)\r\n", withheld: ["x-ours"]))
        #expect(String(buffer: head.kept) == "HTTP/1.1 200 OK\r\n" + kept)
    }

    @Test func `a date that an upstream takes back is none`() throws {
        #expect(try #require(parsed("HTTP/1.1 200 OK\r\nDate: d\r\nConnection: close\r\n\r\n")).hasDate)
        #expect(try !#require(parsed("HTTP/1.1 200 OK\r\nDate: d\r\nConnection: Date\r\n\r\n")).hasDate)
    }

    @Test func `what matters of a head is read`() throws {
        let plain = try #require(parsed("HTTP/1.1 200\r\nDATE: now\r\ncontent-type: Text/Event-Stream; charset=utf-8\r\n\r\n"))
        #expect(plain.status == 200)
        #expect(plain.hasDate)
        #expect(plain.isEventStream)
        #expect(plain.keepsConnection)
        #expect(plain.contentLength == nil)
        let kept = try #require(parsed("HTTP/1.1 404 \r\nContent-Length:  12 \r\nKeep-Alive: max=100, timeout=5\r\n\r\n"))
        #expect(kept.contentLength == 12)
        #expect(kept.keptFor == 5)
        #expect(!kept.hasDate)
        let switched = try #require(parsed("HTTP/1.1 101 Switching\r\nConnection: upgrade\r\nUpgrade: WebSocket\r\n\r\n"))
        #expect(switched.upgrade == "websocket")
        #expect(try #require(parsed("HTTP/1.1 200 OK\r\nConnection: Close\r\n\r\n")).keepsConnection == false)
        #expect(try #require(parsed("HTTP/1.0 200 OK\r\n\r\n")).keepsConnection == false)
        #expect(try #require(parsed("HTTP/1.0 200 OK\r\nConnection: Keep-Alive\r\n\r\n")).keepsConnection)
    }

    @Test func `a head has an end`() throws {
        let line = "A: b\r\n"
        #expect(parsed("HTTP/1.1 200 OK\r\n\(String(repeating: line, count: 200))\r\n") != nil)
        #expect(parsed("HTTP/1.1 200 OK\r\n\(String(repeating: line, count: 201))\r\n") == nil)
        #expect(parsed("HTTP/1.1 200 OK\r\nA: \(String(repeating: "b", count: 65_000))\r\n\r\n") != nil)
        var boundary = HeadBoundary(limit: AnswerHead.byteLimit)
        #expect(boundary.find(in: ByteBuffer(string: "HTTP/1.1 200 OK\r\nA: \(String(repeating: "b", count: 65_536))")) == .fault)
    }

    @Test func `a head that comes byte by byte is found where it ends`() {
        let text = "HTTP/1.1 200 OK\r\nA: b\r\n\r\nbody"
        var boundary = HeadBoundary(limit: 100)
        var bytes = ByteBuffer()
        var steps: [HeadBoundary.Step] = []
        for byte in text.utf8 {
            bytes.writeInteger(byte)
            steps.append(boundary.find(in: bytes))
            guard steps.last == .needsMore else { break }
        }
        #expect(steps.last == .complete(25))
        #expect(steps.count == 25)
    }
}
