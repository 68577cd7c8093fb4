import Glibc
import NIOCore

/// An upstream's head, judged and cleaned (RFC 9112 sections 4 to 6).
struct AnswerHead: Sendable {
    /// The most bytes of an answer's head.
    static let byteLimit = 64 << 10
    /// The most fields.
    static let fieldLimit = 200

    private(set) var status = 0
    private(set) var isVersion10 = false
    /// The status line, and the fields that may go on, without the lines that tell the framing.
    private(set) var kept = ByteBuffer()
    private(set) var contentLength: Int?
    private(set) var isChunked = false
    private(set) var hasDate = false
    private(set) var isEventStream = false
    /// The protocol that it switches to, in lower case.
    private(set) var upgrade: String?
    /// How long the upstream says it keeps the connection, in seconds.
    private(set) var keptFor: Int?
    private var asksToClose = false
    private var asksToKeep = false

    /// Gives what may go on away, so that whoever adds to it copies nothing.
    mutating func takeKept() -> ByteBuffer {
        var taken = ByteBuffer()
        swap(&taken, &kept)
        return taken
    }

    /// Whether the upstream will take another request on the connection.
    var keepsConnection: Bool { !asksToClose && (!isVersion10 || asksToKeep) }

    /// Judges a whole head; nil when it is no sound HTTP/1.1 or HTTP/1.0.
    ///
    /// `head` ends with its empty line, and its lines in CR LF. `withheld` names fields that are dropped, in lower case.
    init?(_ head: ByteBuffer, withheld: [String]) {
        let isSound = head.withUnsafeReadableBytes { read($0, withheld: withheld) }
        guard isSound else { return nil }
    }

    private mutating func read(_ head: UnsafeRawBufferPointer, withheld: [String]) -> Bool {
        guard let end = readStatusLine(head) else { return false }
        var lines: [FieldLine] = []
        lines.reserveCapacity(24)
        var start = end
        while start < head.count - 2 {
            guard lines.count < Self.fieldLimit, let line = FieldLine(head, at: start) else { return false }
            lines.append(line)
            start = line.next
        }
        var listed: [FieldLine.Span] = []
        for index in lines.indices {
            guard let isKept = judge(lines[index], in: head, &listed) else { return false }
            lines[index].isKept = isKept && !withheld.contains { lines[index].isNamed($0, in: head) }
        }
        guard !(isChunked && contentLength != nil), !(isChunked && isVersion10) else { return false }
        for span in listed {
            for index in lines.indices where lines[index].isNamed(span, in: head) { lines[index].isKept = false }
        }
        if hasDate, !listed.isEmpty { hasDate = lines.contains { $0.isKept && $0.isNamed("date", in: head) } }
        collect(lines, of: head)
        return true
    }

    /// The index behind the line; nil when it is none.
    private mutating func readStatusLine(_ head: UnsafeRawBufferPointer) -> Int? {
        guard head.count >= 16, head.starts(with: "HTTP/1.".utf8), head[7] == 0x30 || head[7] == 0x31, head[8] == 0x20 else { return nil }
        isVersion10 = head[7] == 0x30
        for byte in head[9..<12] {
            guard (0x30...0x39).contains(byte) else { return nil }
            status = status * 10 + Int(byte - 0x30)
        }
        guard (100...599).contains(status), let end = FieldLine.lineEnd(head, from: 12) else { return nil }
        guard end == 12 || head[12] == 0x20, FieldLine.isContent(head, 12..<end) else { return nil }
        return end + 2
    }

    /// Whether the line may go on; nil when it makes the message unsound.
    private mutating func judge(_ line: FieldLine, in head: UnsafeRawBufferPointer, _ listed: inout [FieldLine.Span]) -> Bool? {
        switch line.nameLength {
        case 2: return !line.isNamed("te", in: head)
        case 4:
            if line.isNamed("date", in: head) { hasDate = true }
            return true
        case 7:
            if line.isNamed("upgrade", in: head) {
                upgrade = line.text(in: head)
                return false
            }
            return !line.isNamed("trailer", in: head)
        case 10:
            if line.isNamed("connection", in: head) {
                readConnection(line, in: head, &listed)
                return false
            }
            guard line.isNamed("keep-alive", in: head) else { return true }
            keptFor = Self.timeout(line.text(in: head))
            return false
        case 12:
            if line.isNamed("content-type", in: head), line.valueStarts(with: "text/event-stream", in: head) { isEventStream = true }
            return true
        case 14:
            guard line.isNamed("content-length", in: head) else { break }
            guard let length = line.length(in: head), contentLength == nil || contentLength == length else { return nil }
            contentLength = length
            return false
        case 17:
            guard line.isNamed("transfer-encoding", in: head) else { break }
            guard !isChunked, line.hasValue("chunked", in: head) else { return nil }
            isChunked = true
            return false
        default: break
        }
        return !line.nameStarts(with: "proxy-", in: head) && !line.isIdentity(in: head)
    }

    private mutating func readConnection(_ line: FieldLine, in head: UnsafeRawBufferPointer, _ listed: inout [FieldLine.Span]) {
        for span in line.tokens(in: head) {
            if FieldLine.equal(head, span, "close") {
                asksToClose = true
            } else if FieldLine.equal(head, span, "keep-alive") {
                asksToKeep = true
            } else {
                listed.append(span)
            }
        }
    }

    /// Copies what is kept, neighbours together.
    private mutating func collect(_ lines: [FieldLine], of head: UnsafeRawBufferPointer) {
        // With room for what is added before it leaves.
        kept = ByteBufferAllocator().buffer(capacity: head.count + 256)
        AnswerWriter.writeStatusLine(status, to: &kept)
        var run: Range<Int>?
        for line in lines {
            if line.isKept {
                run = (run?.lowerBound ?? line.start)..<line.next
            } else if let known = run {
                kept.writeBytes(UnsafeRawBufferPointer(rebasing: head[known]))
                run = nil
            }
        }
        if let run { kept.writeBytes(UnsafeRawBufferPointer(rebasing: head[run])) }
    }

    /// The seconds of `timeout=5, max=100`.
    private static func timeout(_ text: String) -> Int? {
        for token in FieldSorting.tokens(text) where token.hasPrefix("timeout=") { return UInt32(token.dropFirst(8)).map(Int.init) }
        return nil
    }
}
