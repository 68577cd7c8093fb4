/// Collects what a load finds; the same words about the same place count once.
package final class Findings {
    private var found: Set<Diagnostic> = []
    private let lines: [String: [String]]

    /// `sources`: the files' texts by their names in places.
    package init(sources: [String: String]) {
        lines = sources.mapValues { text in
            // By bytes: CR and LF together are one `Character`.
            text.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).map { line in
                String(decoding: line.last == UInt8(ascii: "\r") ? line.dropLast() : line, as: UTF8.self)
            }
        }
    }

    package var report: DiagnosticReport { DiagnosticReport(Array(found)) }
    package var hasErrors: Bool { found.contains { $0.severity == .error } }

    package func error(_ place: Place, _ message: String) {
        add(.error, place, message)
    }

    package func warning(_ place: Place, _ message: String) {
        add(.warning, place, message)
    }

    /// `unknown WHAT `name``, with the nearest of the known names, or all of them when they are few.
    package func unknown(_ what: String, _ name: String, at place: Place, known: some Sequence<String>) {
        var seen: Set<String> = []
        let known = known.filter { seen.insert($0).inserted }
        add(
            .error, place, "unknown \(what) `\(name)`", suggestion: Spelling.nearest(to: name, among: known),
            known: known.count <= 16 ? known : [])
    }

    package func add(_ severity: Diagnostic.Severity, _ place: Place, _ message: String, suggestion: String? = nil, known: [String] = []) {
        let lines = lines[place.file] ?? []
        let line = lines.indices.contains(place.line - 1) ? lines[place.line - 1] : nil
        found.insert(Diagnostic(severity, place, message, suggestion: suggestion, known: known, line: line))
    }
}
