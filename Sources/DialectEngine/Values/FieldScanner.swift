import Identity

/// A walk over a header field's value by the common rules of RFC 9110, section 5.6.
///
/// It only goes forward, so any value is read in linear time.
struct FieldScanner {
    /// A parameter; its name in lower case.
    struct Parameter: Sendable, Hashable {
        var name: String
        var value: String
    }

    private let bytes: [UInt8]
    private var at = 0

    init(_ text: String) { bytes = Array(text.utf8) }

    var isAtEnd: Bool { at == bytes.count }

    mutating func skipSpace() {
        while at < bytes.count, bytes[at] == 0x20 || bytes[at] == 0x09 { at += 1 }
    }

    mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard at < bytes.count, bytes[at] == UInt8(ascii: character) else { return false }
        at += 1
        return true
    }

    /// Takes the longest token; nil when there is none.
    mutating func token() -> String? {
        let start = at
        while at < bytes.count, Self.isTokenByte(bytes[at]) { at += 1 }
        return at > start ? String(decoding: bytes[start..<at], as: UTF8.self) : nil
    }

    /// Takes `type/subtype` in lower case.
    mutating func typeName() -> String? {
        guard let type = token(), take("/"), let subtype = token() else { return nil }
        return "\(type)/\(subtype)".lowercased()
    }

    /// Takes all parameters; nil when one is malformed or a name comes twice.
    mutating func parameters() -> [Parameter]? {
        var parameters: [Parameter] = []
        while true {
            skipSpace()
            guard take(";") else { return parameters }
            skipSpace()
            guard let name = token()?.lowercased() else { continue }
            // More than a few are nobody's; the bound keeps the search for repetitions linear.
            guard take("="), let value = token() ?? quotedString(), parameters.count < 16, !parameters.contains(where: { $0.name == name })
            else { return nil }
            parameters.append(Parameter(name: name, value: value))
        }
    }

    /// Moves behind the next comma, or to the end.
    mutating func skipElement() {
        while at < bytes.count, bytes[at] != UInt8(ascii: ",") { at += 1 }
        at = min(at + 1, bytes.count)
    }

    /// Whether the element of a list ends here; then moves behind its comma.
    mutating func endElement() -> Bool {
        skipSpace()
        return isAtEnd || take(",")
    }

    private mutating func quotedString() -> String? {
        guard take("\"") else { return nil }
        var content: [UInt8] = []
        while at < bytes.count {
            let byte = bytes[at]
            at += 1
            switch byte {
            // What a backslash stood between stands together now.
            case UInt8(ascii: "\""): return String(strictUTF8: content)
            case UInt8(ascii: "\\"):
                guard at < bytes.count, Self.isTextByte(bytes[at]) else { return nil }
                content.append(bytes[at])
                at += 1
            case let byte where Self.isTextByte(byte): content.append(byte)
            default: return nil
            }
        }
        return nil
    }

    private static func isTextByte(_ byte: UInt8) -> Bool { byte == 0x09 || (byte >= 0x20 && byte != 0x7F) }

    private static func isTokenByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
        case UInt8(ascii: "!"), UInt8(ascii: "#"), UInt8(ascii: "$"), UInt8(ascii: "%"), UInt8(ascii: "&"), UInt8(ascii: "'"): true
        case UInt8(ascii: "*"), UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "."): true
        case UInt8(ascii: "^"), UInt8(ascii: "_"), UInt8(ascii: "`"), UInt8(ascii: "|"), UInt8(ascii: "~"): true
        default: false
        }
    }
}
