import DialectEngine

/// A configuration's lines as diagnostics may show them: everything behind a key that holds a secret is masked.
///
/// Judged by the text alone, as a file with a fault may be no YAML at all; where in doubt, too much is masked. A misspelt key is as good as
/// the right one, and so is a password within a URL.
struct SecretLines {
    private static let names = ["password", "passwd", "pass", "access", "older", "secret", "store-key"]
    static let mask = "<REDACTED>"

    /// What of the lines to come belongs to a secret.
    private enum Rest {
        case nothing
        /// The next line that is not empty, and then what is deeper.
        case next(indent: Int)
        /// What is indented deeper than this.
        case deeper(than: Int)
        /// Everything up to the quote.
        case quoted(Character)
    }

    private var rest = Rest.nothing

    /// The lines of a text, without carriage returns.
    static func masked(_ text: String) -> [String] {
        var lines = SecretLines()
        return text.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).map { line in
            lines.masked(Array(String(decoding: line.last == UInt8(ascii: "\r") ? line.dropLast() : line, as: UTF8.self)))
        }
    }

    private mutating func masked(_ line: [Character]) -> String {
        let indent = line.prefix { $0 == " " }.count
        let isEmpty = line.allSatisfy { $0 == " " || $0 == "\t" }
        switch rest {
        case .nothing: break
        case .next(let outer):
            if !isEmpty { rest = .deeper(than: outer) }
            return Self.masked(line, from: indent)
        case .deeper(let outer):
            // The items of a list may stand where its key does.
            if isEmpty || indent > outer || (indent == outer && line[indent] == "-") { return Self.masked(line, from: indent) }
            rest = .nothing
        case .quoted(let quote):
            if Self.closes(line[...], quote) { rest = .nothing }
            return Self.masked(line, from: indent)
        }
        guard let (key, end) = Self.secret(in: line) else { return Self.withoutURLPasswords(String(line)) }
        rest = Self.rest(behind: line[end...], key: key, indent: indent, isInside: line[..<key].contains("{"))
        return Self.withoutURLPasswords(Self.masked(line, from: end))
    }

    private static func rest(behind value: ArraySlice<Character>, key: Int, indent: Int, isInside: Bool) -> Rest {
        // Within braces that are still open a value may go on anywhere below.
        let outer = isInside && !value.contains("}") ? indent : key
        let text = value.drop { $0 == " " || $0 == "\t" }
        guard let first = text.first else { return .next(indent: outer) }
        if first == "\"" || first == "'", !closes(text.dropFirst(), first) { return .quoted(first) }
        return .deeper(than: outer)
    }

    /// Whether a text that a quote has opened is closed in it.
    private static func closes(_ text: ArraySlice<Character>, _ quote: Character) -> Bool { end(of: text, quotedBy: quote) != nil }

    /// Where the quote is that closes a text, which a quote has opened before.
    static func end(of text: ArraySlice<Character>, quotedBy quote: Character) -> Int? {
        var isEscaped = false
        for (index, character) in zip(text.indices, text) {
            if character == quote, !isEscaped { return index }
            isEscaped = quote == "\"" && character == "\\" && !isEscaped
        }
        return nil
    }

    private static func masked(_ line: [Character], from start: Int) -> String {
        guard line[start...].contains(where: { $0 != " " && $0 != "\t" }) else { return String(line) }
        let gap = line[start...].prefix { $0 == " " }.count
        return String(line[..<(start + gap)]) + mask
    }

    /// The first key of a secret: where it begins and where its colon ends.
    private static func secret(in line: [Character]) -> (start: Int, end: Int)? {
        for colon in line.indices where line[colon] == ":" {
            let end = line[..<colon].lastIndex { !" \"'".contains($0) }.map { $0 + 1 } ?? 0
            let start = line[..<end].lastIndex { !$0.isLetter && $0 != "-" && $0 != "_" }.map { $0 + 1 } ?? 0
            let key = String(line[start..<end])
            if Spelling.nearest(to: key, among: names) != nil { return (start, colon + 1) }
            // A map of secrets, or a secret where the map should be.
            let value = line[(colon + 1)...].first { $0 != " " && $0 != "\t" }
            if Spelling.nearest(to: key, among: ["keys"]) != nil, let value, !"{[#&".contains(value) { return (start, colon + 1) }
        }
        return nil
    }

    /// `smtp://user:password@host`, `host=db password=...`: no place for a password, and yet people put it there.
    private static func withoutURLPasswords(_ line: String) -> String {
        // To make the patterns takes longer than most files do.
        guard line.utf8.contains(where: { $0 == UInt8(ascii: "@") || $0 == UInt8(ascii: "=") }) else { return line }
        return line.replacing(/(:\/\/[^\s\/:@]*:)[^\s]*@/) { "\($0.1)\(mask)@" }
            .replacing(/(?i)(pass[a-z]*\s*=\s*)('(\\.|[^'])*'?|[^\s&"'#,}]+)/) { "\($0.1)\(mask)" }
    }
}
