/// Human text in a header: folded when it is plain ASCII, otherwise as encoded words (RFC 2047, the Q encoding in UTF-8).
enum HeaderText {
    // With "Subject: " before it, a word stays within the 76 characters that RFC 2047 allows a line.
    private static let longestPayload = 52
    private static let opening = "=?UTF-8?Q?"

    /// Writes `text` as the unstructured value of a header whose name and colon take `column` characters.
    static func write(_ text: String, column: Int) -> String {
        text.isEmpty || isPlain(text) ? fold(text, column: column) : encodedWords(text)
    }

    /// Writes `name` as a display name (RFC 5322, section 3.2.5).
    static func writeName(_ name: String) -> String {
        guard isPlain(name), name.utf8.count <= 60 else { return encodedWords(name) }
        var quoted = "\""
        for scalar in name.unicodeScalars {
            if scalar == "\"" || scalar == "\\" { quoted += "\\" }
            quoted.unicodeScalars.append(scalar)
        }
        return quoted + "\""
    }

    /// Reads a header value back: what was folded is one line again, encoded words are text.
    static func read(_ value: String) -> String {
        var text: [UInt8] = []
        var afterEncodedWord = false
        for word in value.split(separator: " ", omittingEmptySubsequences: false) {
            let decoded = decodeWord(word)
            // The space between two encoded words is not part of the text (RFC 2047, section 6.2).
            if !text.isEmpty, !(afterEncodedWord && decoded != nil) { text.append(UInt8(ascii: " ")) }
            text.append(contentsOf: decoded ?? Array(word.utf8))
            afterEncodedWord = decoded != nil
        }
        return String(decoding: text, as: UTF8.self)
    }

    // Text that a reader gets back unchanged without encoding: printable ASCII, single spaces inside, no word too long to fold,
    // nothing that looks like an encoded word.
    private static func isPlain(_ text: String) -> Bool {
        guard text.utf8.allSatisfy({ (32...126).contains($0) }), !text.contains("=?") else { return false }
        return text.split(separator: " ", omittingEmptySubsequences: false).allSatisfy { (1...60).contains($0.utf8.count) }
    }

    private static func fold(_ text: String, column: Int) -> String {
        var output = ""
        var column = column
        for word in text.split(separator: " ") {
            if output.isEmpty {
                column += word.utf8.count
            } else if column + 1 + word.utf8.count > 76 {
                output += "\r\n "
                column = 1 + word.utf8.count
            } else {
                output += " "
                column += 1 + word.utf8.count
            }
            output += word
        }
        return output
    }

    private static func encodedWords(_ text: String) -> String {
        var payloads = [""]
        for scalar in text.unicodeScalars {
            // A scalar stays in one word, as RFC 2047, section 5, demands.
            let piece = UTF8.encode(scalar).map { Array($0).map(encode).joined() } ?? ""
            if payloads[payloads.count - 1].utf8.count + piece.utf8.count > longestPayload { payloads.append("") }
            payloads[payloads.count - 1] += piece
        }
        return payloads.map { "\(opening)\($0)?=" }.joined(separator: "\r\n ")
    }

    // Only what is safe in a display name too (RFC 2047, section 5, rule 3).
    private static func encode(_ byte: UInt8) -> String {
        if byte == UInt8(ascii: " ") { return "_" }
        return byte.isLetterOrDigit || "!*+-/".utf8.contains(byte) ? String(Unicode.Scalar(byte)) : "=" + byte.hexadecimal
    }

    private static func decodeWord(_ word: Substring) -> [UInt8]? {
        guard word.hasPrefix(opening), word.hasSuffix("?="), word.utf8.count >= opening.utf8.count + 2 else { return nil }
        var rest = Array(word.utf8.dropFirst(opening.utf8.count).dropLast(2))[...]
        var bytes: [UInt8] = []
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "="), rest.count >= 2, let value = UInt8(high: rest[rest.startIndex], low: rest[rest.startIndex + 1]) {
                bytes.append(value)
                rest.removeFirst(2)
            } else {
                bytes.append(byte == UInt8(ascii: "_") ? UInt8(ascii: " ") : byte)
            }
        }
        return bytes
    }
}
