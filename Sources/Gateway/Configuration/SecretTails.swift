import DialectEngine

/// What may be said of places behind a secret: within braces a comma ends a secret without quotes, and what follows is read as a key.
struct SecretTails {
    private let written: [[Unicode.Scalar]]
    private let shown: [String]

    /// `shown` are the text's lines by `SecretLines`.
    init(_ text: String, shown: [String]) {
        written = text.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).map {
            Array(String(decoding: $0, as: UTF8.self).unicodeScalars)
        }
        self.shown = shown
    }

    /// As it was, or in words that hold nothing of what stands there.
    func cleaned(_ diagnostic: Diagnostic) -> Diagnostic {
        guard mayHoldSecret(diagnostic) else { return diagnostic }
        return Diagnostic(
            diagnostic.severity, diagnostic.place,
            "what stands here is not understood, and not shown as it may belong to a secret: put the secret in quotes",
            line: diagnostic.line)
    }

    private func mayHoldSecret(_ diagnostic: Diagnostic) -> Bool {
        let (line, column) = (diagnostic.place.line - 1, diagnostic.place.column - 1)
        guard shown.indices.contains(line), let start = maskStart(in: shown[line]) else { return false }
        // No other fault names what is written: `SchemaCheck` shows no value of a secret.
        guard diagnostic.message.hasPrefix("unknown key") || diagnostic.message.hasPrefix("written twice") else { return false }
        // Of several names only the first stands at the place.
        if diagnostic.message.contains("`, `") { return true }
        let isSecretItself = column == start && shown[line].unicodeScalars.prefix(start).contains { $0 != " " }
        guard column >= start, !isSecretItself, !isBehindQuotes(column, written[line], from: start) else { return false }
        return !isKeyed(column, in: written[line])
    }

    /// Whether the column lies in a `key: value`, between commas: a comma leaves a tail that is no such pair.
    private func isKeyed(_ column: Int, in line: [Unicode.Scalar]) -> Bool {
        let begin = line.prefix(column).lastIndex { ",{".unicodeScalars.contains($0) }.map { $0 + 1 } ?? 0
        let pair = line[begin...].prefix { !",}".unicodeScalars.contains($0) }.drop { $0 == " " }
        let key = pair.prefix { $0.properties.isAlphabetic || $0 == "-" || $0 == "_" }
        return !key.isEmpty && pair.dropFirst(key.count).starts(with: ": ".unicodeScalars)
    }

    private func maskStart(in line: String) -> Int? {
        guard line.hasSuffix(SecretLines.mask) else { return nil }
        return line.unicodeScalars.count - SecretLines.mask.unicodeScalars.count
    }

    /// Whether the secret that begins at `start` is in quotes and they are closed before the column.
    private func isBehindQuotes(_ column: Int, _ line: [Unicode.Scalar], from start: Int) -> Bool {
        guard line.indices.contains(start), line[start] == "\"" || line[start] == "'", column < line.count else { return false }
        let value = line[(start + 1)...].map(Character.init)
        return SecretLines.end(of: value[...], quotedBy: Character(line[start])).map { start + 1 + $0 < column } ?? false
    }
}
