import NIOCore
import NIOEmbedded
import NIOHTTP1
import TestSupport
import Testing

@testable import Gateway

@Suite struct RawHeadTests {
    private static let heads = [
        "GET / HTTP/1.1\r\nHost: a\r\n\r\n", "POST /a?b=c HTTP/1.1\r\nHost: a.b:80\r\nContent-Length: 3\r\nX-Y:  z \t\r\n\r\n",
        "DELETE /%41 HTTP/1.0\r\nConnection: keep-alive\r\nEmpty:\r\n\r\n",
        "PUT /x HTTP/1.1\r\nhost: h\r\nTransfer-Encoding: chunked\r\nAuthorization: Bearer a.b.c\r\nCookie: a=b; c=\"d\"\r\n\r\n",
        "M-SEARCH * HTTP/1.1\r\nHost: h\r\n\r\n",
    ]
    private static let morsels: [[UInt8]] =
        [
            [0], [9], [10], [13], [13, 10], [32], [0x7F], [0x80], [0xC3, 0xA9], [58], [59], [44], [34], [47], [42], [92], [35],
        ] + ["HTTP/1.1", "HTTP/2.0", "Host: b", "\r\n ", "Content-Length: 4", "chunked", "%0d", "\u{1}"].map { Array($0.utf8) }

    /// X6.
    ///
    /// Another parser, known for its strictness, is asked about whatever ours takes.
    @Test func `what is taken for a head is one for another parser too, and says the same`() throws {
        var dice = SplitMix(seed: 20_261_121)
        var taken = 0
        for round in 0..<6000 {
            var bytes = Array(Self.heads[round % Self.heads.count].utf8)
            for _ in 0..<Int.random(in: 0...3, using: &dice) {
                let place = Int.random(in: 0..<bytes.count, using: &dice)
                switch Int.random(in: 0...3, using: &dice) {
                case 0: bytes.remove(at: place)
                case 1: bytes[place] = UInt8.random(in: 0...255, using: &dice)
                case 2: bytes.insert(contentsOf: Self.morsels.randomElement(using: &dice) ?? [], at: place)
                default: bytes.swapAt(place, Int.random(in: 0..<bytes.count, using: &dice))
                }
            }
            guard let (head, length) = Self.read(bytes), RequestTarget(head.target, limit: 8192) != nil,
                (try? CheckedHead(head, limits: EdgeLimits(), address: "")) != nil
            else { continue }
            taken += 1
            let shown = String(decoding: bytes, as: UTF8.self).debugDescription
            // A tab behind a length is white space for RFC 9110 and us, and a fault for the other one.
            if bytes.contains(9), Self.readByNIO(Array(bytes[..<length])) == nil { continue }
            let other = try #require(Self.readByNIO(Array(bytes[..<length])), "\(shown)")
            #expect(other.method.rawValue == head.method && other.uri == head.target, "\(shown)")
            #expect(other.version == (head.version == .http10 ? .http1_0 : .http1_1), "\(shown)")
            // The other one leaves tabs behind a value.
            let fields = other.headers.map { "\($0.name.lowercased()): \($0.value.trimming { $0 == " " || $0 == "\t" })" }
            #expect(fields == head.fields.map { "\($0.name): \($0.value)" }, "\(shown)")
        }
        // Else the test would show nothing.
        #expect(taken > 500)
    }

    @Test(arguments: [
        "GET / HTTP/1.1\r\n\r\n", "GET  / HTTP/1.1\r\nHost: a\r\n\r\n", "GET / HTTP/1.1 \r\nHost: a\r\n\r\n", " GET / HTTP/1.1\r\n\r\n",
        "GET / HTTP/1.1\r\n Host: a\r\n\r\n", "GET / HTTP/1.1\r\nHost : a\r\n\r\n", "GET / HTTP/1.1\r\n: a\r\n\r\n",
        "GET / HTTP/1.1\r\nHost\r\n\r\n",
        "GET /\u{7F} HTTP/1.1\r\nHost: a\r\n\r\n", "GET /é HTTP/1.1\r\nHost: a\r\n\r\n", "GET / http/1.1\r\nHost: a\r\n\r\n",
        "GET / HTTP/1.2\r\nHost: a\r\n\r\n", "GET / HTTP/01.1\r\nHost: a\r\n\r\n", "GET\t/ HTTP/1.1\r\nHost: a\r\n\r\n", "\r\n\r\n",
    ])
    func `a head that breaks the rules is none`(text: String) {
        let head = Self.read(Array(text.utf8))?.head
        #expect(head == nil || (try? CheckedHead(head ?? RawHead(), limits: EdgeLimits(), address: "")) == nil)
    }

    private static func read(_ bytes: [UInt8]) -> (head: RawHead, length: Int)? {
        var boundary = HeadBoundary(limit: 16_384)
        guard case .complete(let length) = boundary.find(in: ByteBuffer(bytes: bytes)) else { return nil }
        var head = RawHead()
        return bytes[..<length].withUnsafeBytes { head.read($0, limit: 100) } ? (head, length) : nil
    }

    private static func readByNIO(_ bytes: [UInt8]) -> HTTPRequestHead? {
        let channel = EmbeddedChannel(handler: ByteToMessageHandler(HTTPRequestDecoder()))
        defer { _ = try? channel.finish(acceptAlreadyClosed: true) }
        guard (try? channel.writeInbound(ByteBuffer(bytes: bytes))) != nil,
            case .head(let head)? = try? channel.readInbound(as: HTTPServerRequestPart.self)
        else { return nil }
        return head
    }
}

extension String {
    fileprivate func trimming(_ isBlank: (Character) -> Bool) -> Substring {
        var text = self[...]
        while let last = text.last, isBlank(last) { text.removeLast() }
        return text.drop(while: isBlank)
    }
}

/// Numbers that are the same in every run.
private struct SplitMix: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ z >> 30) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ z >> 27) &* 0x94D0_49BB_1331_11EB
        return z ^ z >> 31
    }
}
