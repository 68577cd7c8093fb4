package import Identity

/// All that was found in one load, sorted by place.
package struct DiagnosticReport: Error, Sendable, Hashable {
    package var diagnostics: [Diagnostic]

    package init(_ diagnostics: [Diagnostic]) {
        self.diagnostics = diagnostics.sorted()
    }

    package var errors: [Diagnostic] { diagnostics.filter { $0.severity == .error } }
    package var warnings: [Diagnostic] { diagnostics.filter { $0.severity == .warning } }

    /// For terminals; empty when there is nothing to say, else with a line feed at its end.
    package var rendered: String {
        diagnostics.map { $0.rendered + "\n" }.joined(separator: "\n")
    }

    /// For scripts: a list of objects.
    package var value: Value { .list(diagnostics.map(\.value)) }
}
