/// How a text is made harmless for the place where it stands.
enum Escape {
    /// For element content and quoted attributes.
    static func html(_ text: String) -> String { replaced(text, quotes: true) }

    /// For element content alone.
    static func htmlText(_ text: String) -> String { replaced(text, quotes: false) }

    /// Percent-encodes every byte that is not unreserved (RFC 3986, section 2.3).
    static func url(_ text: String) -> String {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.utf8.count)
        for byte in text.utf8 { append(byte, to: &bytes, asIs: isUnreserved(byte)) }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Leaves control characters out, line breaks and tabs among them: what is left is one line of a header.
    static func header(_ text: String) -> String {
        guard text.unicodeScalars.contains(where: isControl) else { return text }
        var scalars = String.UnicodeScalarView()
        for scalar in text.unicodeScalars where !isControl(scalar) { scalars.append(scalar) }
        return String(scalars)
    }

    /// Puts one space for each run of control characters, line breaks and bidirectional overrides: what somebody typed stays one line,
    /// read in the order written, among the lines of a mail.
    static func line(_ text: String) -> String {
        guard text.unicodeScalars.contains(where: isUnruly) else { return text }
        var scalars = String.UnicodeScalarView()
        var isInRun = false
        for scalar in text.unicodeScalars {
            if !isUnruly(scalar) { scalars.append(scalar) } else if !isInRun { scalars.append(" ") }
            isInRun = isUnruly(scalar)
        }
        return String(scalars)
    }

    /// Percent-encodes what no cookie value may hold (RFC 6265, section 4.1.1).
    static func cookie(_ text: String) -> String {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.utf8.count)
        for byte in text.utf8 { append(byte, to: &bytes, asIs: isCookieOctet(byte)) }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func replaced(_ text: String, quotes: Bool) -> String {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.utf8.count)
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "&"): bytes += "&amp;".utf8
            case UInt8(ascii: "<"): bytes += "&lt;".utf8
            case UInt8(ascii: ">"): bytes += "&gt;".utf8
            case UInt8(ascii: "\"") where quotes: bytes += "&quot;".utf8
            case UInt8(ascii: "'") where quotes: bytes += "&#39;".utf8
            default: bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func append(_ byte: UInt8, to bytes: inout [UInt8], asIs: Bool) {
        if asIs {
            bytes.append(byte)
            return
        }
        let digits = Array("0123456789ABCDEF".utf8)
        bytes += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 0x0F)]]
    }

    private static func isUnreserved(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
        case UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "~"): true
        default: false
        }
    }

    private static func isCookieOctet(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x21, 0x23, 0x24, 0x26...0x2B, 0x2D...0x3A, 0x3C...0x5B, 0x5D...0x7E: true
        default: false
        }
    }

    private static func isUnruly(_ scalar: Unicode.Scalar) -> Bool {
        isControl(scalar) || (0x202A...0x202E).contains(scalar.value) || (0x2066...0x2069).contains(scalar.value)
    }

    private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        scalar.properties.generalCategory == .control || scalar == "\u{2028}" || scalar == "\u{2029}"
    }
}

extension Text.Escaping {
    func applied(to text: String) -> String {
        switch self {
        case .none: text
        case .html: Escape.html(text)
        case .htmlText: Escape.htmlText(text)
        case .url: Escape.url(text)
        case .header: Escape.header(text)
        }
    }
}
