package import Identity

/// A fault, or a visible weakness, of a file that people write: where it is, what is wrong, and what may have been meant.
package struct Diagnostic: Sendable, Hashable {
    package enum Severity: String, Sendable, Hashable, CaseIterable { case error, warning }

    package var severity: Severity
    package var place: Place
    package var message: String
    /// The nearest known name, when one is near.
    package var suggestion: String?
    /// What is known there, when that is a short list.
    package var known: [String]
    /// The line of the file, for the caret; nil when there is none.
    package var line: String?

    package init(
        _ severity: Severity = .error, _ place: Place, _ message: String, suggestion: String? = nil, known: [String] = [],
        line: String? = nil
    ) {
        self.severity = severity
        self.place = place
        self.message = message
        self.suggestion = suggestion
        self.known = known
        self.line = line
    }

    /// As a terminal shows it, without a line feed at the end: place and message, the line with a caret, then help.
    package var rendered: String {
        var text = "\(place): \(severity.rawValue): \(message)"
        if let line {
            text += "\n    \(line)\n    \(Self.caret(under: line, column: place.column))"
        }
        if let suggestion { text += "\n  did you mean `\(suggestion)`?" }
        if !known.isEmpty { text += "\n  known: \(known.joined(separator: ", "))" }
        return text
    }

    /// One object for scripts: severity, file, line, column, message, suggestion, known.
    package var value: Value {
        .object([
            .init("severity", .string(severity.rawValue)),
            .init("file", .string(place.file)),
            .init("line", .int(Int64(place.line))),
            .init("column", .int(Int64(place.column))),
            .init("message", .string(message)),
            .init("suggestion", suggestion.map(Value.string) ?? .null),
            .init("known", .list(known.map(Value.string))),
        ])
    }

    /// Tabs stay tabs, so that the caret stands under its character whatever their width.
    private static func caret(under line: String, column: Int) -> String {
        String(String.UnicodeScalarView(line.unicodeScalars.prefix(max(0, column - 1)).map { $0 == "\t" ? $0 : " " })) + "^"
    }
}

extension Diagnostic: Comparable {
    package static func < (a: Diagnostic, b: Diagnostic) -> Bool {
        (a.place, a.message) < (b.place, b.message)
    }
}
