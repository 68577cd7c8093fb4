import NIOCore
import Testing

@testable import Gateway

@Suite struct ChunkedReaderTests {
    /// The decoded body, and what was left behind it; nil when the end did not come.
    private func read(_ pieces: [String]) throws -> (body: String, rest: String)? {
        var reader = ChunkedReader()
        var bytes = ByteBuffer()
        var body = ""
        for piece in pieces {
            bytes.writeString(piece)
            reading: while true {
                switch try reader.read(&bytes) {
                case .data(let data): body += String(buffer: data)
                case .end: return (body, String(buffer: bytes))
                case .needsMore: break reading
                }
            }
        }
        return nil
    }

    @Test(arguments: [
        ("0\r\n\r\n", "", ""),
        ("5\r\nhello\r\n0\r\n\r\n", "hello", ""),
        ("5\r\nhello\r\n6\r\n world\r\n0\r\n\r\nGET", "hello world", "GET"),
        ("A\r\n0123456789\r\na\r\n0123456789\r\n0\r\n\r\n", "01234567890123456789", ""),
        ("0005;a=b;c=\"d e\"\r\nhello\r\n00;x\r\n\r\n", "hello", ""),
        ("1\r\na\r\n0\r\nExpires: soon\r\nX-User:\r\n\r\nrest", "a", "rest"),
        ("2\r\n\r\n\r\n0\r\n\r\n", "\r\n", ""),
    ])
    func `a chunked body is read, its extensions and trailers dropped`(text: String, body: String, rest: String) throws {
        let whole = try #require(try read([text]))
        #expect(whole.body == body)
        #expect(whole.rest == rest)
        let singly = try #require(try read(text.utf8.map { String(decoding: [$0], as: UTF8.self) }))
        #expect(singly.body == body)
    }

    @Test(arguments: [
        ("5\nhello\r\n0\r\n\r\n", ChunkFault.lineEnd), ("5\r\nhello\n0\r\n\r\n", .lineEnd), ("5\r\nhello\r\n0\n\n", .lineEnd),
        ("\n", .lineEnd), ("5\r\nhelloX\r\n", .lineEnd), ("5\r\nhello\rX", .lineEnd), ("0\r\n\n", .lineEnd),
        ("\r\n", .size), (" 5\r\nhello", .size), ("5 \r\nhello", .size), ("5\t;a\r\nhello", .size), ("+5\r\nhello", .size),
        ("-5\r\nhello", .size), ("0x5\r\nhello", .size), ("g\r\n", .size), ("5\rh\r\n", .size), ("5 ;a\r\n", .size),
        ("10000000001\r\n", .size), ("FFFFFFFFFFFFFFFF\r\n", .size), ("00000000000000005\r\nhello", .size),
        ("5;\r\nhello", .extensions), ("5;a\r=b\r\nhello", .extensions), ("5;a\u{0}\r\nhello", .extensions),
        ("0\r\n folded: x\r\n\r\n", .trailers), ("0\r\nno colon\r\n\r\n", .trailers), ("0\r\nA : b\r\n\r\n", .trailers),
        ("0\r\n: b\r\n\r\n", .trailers), ("0\r\nA: b\rc\r\n\r\n", .trailers), ("0\r\nA: \u{0}\r\n\r\n", .trailers),
    ])
    func `what two programs could read differently is refused`(text: String, fault: ChunkFault) {
        #expect(throws: fault) { try read([text]) }
        #expect(throws: fault) { try read(text.utf8.map { String(decoding: [$0], as: UTF8.self) }) }
    }

    @Test func `lines, extensions and trailers have an end`() throws {
        #expect(throws: ChunkFault.size) { try read([String(repeating: "0", count: 1024)]) }
        #expect(throws: ChunkFault.size) { try read(["5;" + String(repeating: "a", count: 2000)]) }
        #expect(throws: ChunkFault.trailers) { try read(["0\r\n" + String(repeating: "a", count: 1024)]) }
        let extended = "1;" + String(repeating: "e", count: 900) + "\r\nx\r\n"
        #expect(try read([String(repeating: extended, count: 18)]) == nil)
        #expect(throws: ChunkFault.extensions) { try read([String(repeating: extended, count: 19)]) }
        let trailer = "a: " + String(repeating: "b", count: 900) + "\r\n"
        #expect(try read(["0\r\n" + String(repeating: trailer, count: 9)]) == nil)
        #expect(throws: ChunkFault.trailers) { try read(["0\r\n" + String(repeating: trailer, count: 10)]) }
    }

    @Test func `a chunk that claims 2^40 bytes is read without keeping any`() throws {
        var reader = ChunkedReader()
        var bytes = ByteBuffer(string: "10000000000\r\nabc")
        #expect(try reader.read(&bytes) == .data(ByteBuffer(string: "abc")))
        #expect(try reader.read(&bytes) == .needsMore)
        #expect(bytes.readableBytes == 0)
    }

    @Test func `after its end it stays at its end`() throws {
        var reader = ChunkedReader()
        var bytes = ByteBuffer(string: "0\r\n\r\n5\r\nhello\r\n")
        #expect(try reader.read(&bytes) == .end)
        #expect(try reader.read(&bytes) == .end)
        #expect(bytes.readableBytes == 10)
    }
}
