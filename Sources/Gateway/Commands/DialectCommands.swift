import DialectEngine
import Identity

/// `dragoman dialect test`: loads dialects by themselves, with every setting at its default.
package enum DialectCommands {
    /// Writes one output for each folder; gives how many failed.
    package static func test(_ folders: [String], write: (CommandOutput) -> Void) async -> Int {
        var failures = 0
        for folder in folders {
            let output = load(folder)
            if output.isFailure { failures += 1 }
            write(output)
        }
        return failures
    }

    private static func load(_ folder: String) -> CommandOutput {
        guard let files = DialectFiles(folder: folder) else {
            let place = Place(file: folder + "/dialect.yaml", line: 1, column: 1)
            return CheckCommand.output(folder, frontends: nil, DiagnosticReport([Diagnostic(.error, place, "there is no such file")]))
        }
        let loaded = DialectLoader.load(files) { DialectFiles(folder: "\(folder)/../\($0)") }
        return CheckCommand.output(folder, frontends: nil, loaded.report)
    }
}
