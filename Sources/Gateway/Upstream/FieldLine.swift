import Glibc

/// Where one field of an answer's head stands; offsets into the head's bytes.
struct FieldLine {
    typealias Span = Range<Int>

    let start: Int
    let nameLength: Int
    /// Without the white space around it.
    let value: Span
    /// Where the next line begins.
    let next: Int
    var isKept = true

    /// Nil when the line is no field: a name that is no token (a folded line, a space before the colon), or a value with control characters.
    init?(_ head: UnsafeRawBufferPointer, at start: Int) {
        guard let end = Self.lineEnd(head, from: start), let base = head.baseAddress,
            let found = memchr(base + start, Int32(UInt8(ascii: ":")), end - start)
        else { return nil }
        let colon = UnsafeRawPointer(found) - base
        guard colon > start, head[start..<colon].allSatisfy(\.isTokenCharacter), Self.isContent(head, (colon + 1)..<end) else { return nil }
        self.start = start
        nameLength = colon - start
        value = Self.trimmed(head, (colon + 1)..<end)
        next = end + 2
    }

    /// The index of the CR that ends the line.
    static func lineEnd(_ head: UnsafeRawBufferPointer, from start: Int) -> Int? {
        guard start < head.count, let base = head.baseAddress,
            let found = memchr(base + start, Int32(UInt8.lineFeed), head.count - start)
        else { return nil }
        let end = UnsafeRawPointer(found) - base - 1
        return end >= start && head[end] == .carriageReturn ? end : nil
    }

    /// Whether all may stand in a field's value; without a branch for each byte, so that many are looked at at once.
    static func isContent(_ head: UnsafeRawBufferPointer, _ span: Span) -> Bool {
        var faults: UInt8 = 0
        for byte in UnsafeRawBufferPointer(rebasing: head[span]) {
            faults |= (byte < 0x20 ? 1 : 0) & (byte == 0x09 ? 0 : 1) | (byte == 0x7F ? 1 : 0)
        }
        return faults == 0
    }

    /// Whether the bytes are `text`, which is in lower case, whatever their case.
    static func equal(_ head: UnsafeRawBufferPointer, _ span: Span, _ text: some StringProtocol) -> Bool {
        span.count == text.utf8.count && starts(head, span, text)
    }

    private static func starts(_ head: UnsafeRawBufferPointer, _ span: Span, _ text: some StringProtocol) -> Bool {
        guard span.count >= text.utf8.count else { return false }
        var index = span.lowerBound
        for byte in text.utf8 {
            guard lowered(head[index]) == byte else { return false }
            index += 1
        }
        return true
    }

    private static func lowered(_ byte: UInt8) -> UInt8 { (0x41...0x5A).contains(byte) ? byte | 0x20 : byte }

    private var name: Span { start..<(start + nameLength) }

    func isNamed(_ text: String, in head: UnsafeRawBufferPointer) -> Bool { Self.equal(head, name, text) }

    /// Whether its name is what stands at `other`.
    func isNamed(_ other: Span, in head: UnsafeRawBufferPointer) -> Bool {
        guard other.count == nameLength else { return false }
        return zip(name, other).allSatisfy { Self.lowered(head[$0]) == Self.lowered(head[$1]) }
    }

    func nameStarts(with text: String, in head: UnsafeRawBufferPointer) -> Bool { Self.starts(head, name, text) }

    /// Whether its name is one of the gateway's own, in any spelling.
    func isIdentity(in head: UnsafeRawBufferPointer) -> Bool {
        let prefix = ForwardedHead.identityPrefix
        guard nameLength >= prefix.utf8.count, Self.lowered(head[start]) == prefix.utf8.first else { return false }
        return FieldSorting.folded(String(decoding: head[name], as: UTF8.self)).hasPrefix(prefix)
    }

    func valueStarts(with text: String, in head: UnsafeRawBufferPointer) -> Bool { Self.starts(head, value, text) }

    func hasValue(_ text: String, in head: UnsafeRawBufferPointer) -> Bool { Self.equal(head, value, text) }

    /// In lower case.
    func text(in head: UnsafeRawBufferPointer) -> String { String(decoding: head[value].lazy.map(Self.lowered), as: UTF8.self) }

    /// Decimal digits alone, at most 2^53.
    func length(in head: UnsafeRawBufferPointer) -> Int? {
        guard (1...16).contains(value.count) else { return nil }
        var length = 0
        for byte in head[value] {
            guard (0x30...0x39).contains(byte) else { return nil }
            length = length * 10 + Int(byte - 0x30)
        }
        return length <= 1 << 53 ? length : nil
    }

    /// The parts of a list, empty ones left out.
    func tokens(in head: UnsafeRawBufferPointer) -> [Span] {
        var tokens: [Span] = []
        var start = value.lowerBound
        while start < value.upperBound {
            let comma = head[start..<value.upperBound].firstIndex(of: UInt8(ascii: ",")) ?? value.upperBound
            let token = Self.trimmed(head, start..<comma)
            if !token.isEmpty { tokens.append(token) }
            start = comma + 1
        }
        return tokens
    }

    /// Without the spaces and tabs around it.
    private static func trimmed(_ head: UnsafeRawBufferPointer, _ span: Span) -> Span {
        var lower = span.lowerBound
        var upper = span.upperBound
        while lower < upper, head[lower] == 0x20 || head[lower] == 0x09 { lower += 1 }
        while upper > lower, head[upper - 1] == 0x20 || head[upper - 1] == 0x09 { upper -= 1 }
        return lower..<upper
    }
}
