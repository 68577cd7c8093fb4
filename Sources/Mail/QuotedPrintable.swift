/// Quoted-printable (RFC 2045, section 6.7) for UTF-8 text.
enum QuotedPrintable {
    /// Encodes `text` in lines of at most 76 characters that end in CRLF.
    ///
    /// Any of CRLF, LF and CR counts as a line ending. No output line starts with a dot, so no transport needs to stuff one, and `=_`
    /// never occurs, so a boundary that contains it cannot occur either.
    static func encode(_ text: String) -> String {
        var output = ""
        var column = 0
        var bytes = text.utf8.makeIterator()
        var next = bytes.next()
        while let byte = next {
            next = bytes.next()
            if byte == UInt8(ascii: "\r") || byte == UInt8(ascii: "\n") {
                if byte == UInt8(ascii: "\r"), next == UInt8(ascii: "\n") { next = bytes.next() }
                output += "\r\n"
                column = 0
                continue
            }
            let endsLine = next == nil || next == UInt8(ascii: "\r") || next == UInt8(ascii: "\n")
            var width = isLiteral(byte, endsLine: endsLine) ? 1 : 3
            if column + width > 75 {
                output += "=\r\n"
                column = 0
            }
            if column == 0, byte == UInt8(ascii: ".") { width = 3 }
            if width == 1 {
                output.unicodeScalars.append(Unicode.Scalar(byte))
            } else {
                output += "=" + byte.hexadecimal
            }
            column += width
        }
        return output
    }

    /// Decodes what ``encode(_:)`` wrote; line endings come back as LF, anything malformed stays as it is.
    static func decode(_ encoded: some Collection<UInt8>) -> String {
        var decoded: [UInt8] = []
        var rest = Array(encoded)[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "=") else {
                if byte != UInt8(ascii: "\r") || rest.first != UInt8(ascii: "\n") { decoded.append(byte) }
                continue
            }
            if rest.starts(with: "\r\n".utf8) {
                rest.removeFirst(2)
            } else if rest.first == UInt8(ascii: "\n") {
                rest.removeFirst()
            } else if rest.count >= 2, let value = UInt8(high: rest[rest.startIndex], low: rest[rest.startIndex + 1]) {
                decoded.append(value)
                rest.removeFirst(2)
            } else {
                decoded.append(byte)
            }
        }
        return String(decoding: decoded, as: UTF8.self)
    }

    private static func isLiteral(_ byte: UInt8, endsLine: Bool) -> Bool {
        switch byte {
        case UInt8(ascii: "="): false
        case UInt8(ascii: " "), UInt8(ascii: "\t"): !endsLine
        default: (33...126).contains(byte)
        }
    }
}
