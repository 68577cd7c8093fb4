import DialectEngine
import Identity

/// `dragoman dialect test`: loads dialects by themselves, with every setting at its default, and plays their transcripts.
package enum DialectCommands {
    /// Writes one output for each folder; gives how many failed.
    ///
    /// `recording` rewrites transcripts with what came, for review.
    package static func test(_ folders: [String], recording: Bool, write: (CommandOutput) -> Void) async -> Int {
        let hasher = PasswordHasher(cores: 2, waitingLimit: 10_000)
        var failures = 0
        for folder in folders {
            let output = await test(folder, recording: recording, hasher)
            if output.isFailure { failures += 1 }
            write(output)
        }
        await hasher.stop()
        return failures
    }

    private static func test(_ folder: String, recording: Bool, _ hasher: PasswordHasher) async -> CommandOutput {
        guard let files = DialectFiles(folder: folder) else {
            let place = Place(file: folder + "/dialect.yaml", line: 1, column: 1)
            return CheckCommand.output(folder, frontends: nil, DiagnosticReport([Diagnostic(.error, place, "there is no such file")]))
        }
        let loaded = DialectLoader.load(files) { DialectFiles(folder: "\(folder)/../\($0)") }
        guard let dialect = loaded.dialect else { return CheckCommand.output(folder, frontends: nil, loaded.report) }
        let transcripts = TranscriptFolder(dialect: folder)
        var played = Played()
        for name in transcripts.names {
            await play(name, of: transcripts, dialect, recording, hasher, into: &played)
        }
        return played.output(folder, transcripts: transcripts.names.count)
    }

    private static func play(
        _ name: String, of folder: TranscriptFolder, _ dialect: Dialect, _ recording: Bool, _ hasher: PasswordHasher,
        into played: inout Played
    ) async {
        guard let text = folder.text(name) else { return played.fail(folder.path(name), "it cannot be read as UTF-8") }
        do {
            let report = try await Rehearsal(dialect, hasher: hasher).play(TranscriptFile(text), recording: recording)
            played.exchanges += report.exchanges
            // Of what recording has rewritten nothing is a mismatch; what is left nobody can rewrite.
            for mismatch in report.mismatches { played.fail(folder.path(name), mismatch.description) }
            guard recording, report.recorded != text else { return }
            try folder.write(report.recorded, to: name)
            played.recorded.append(folder.path(name))
        } catch {
            played.fail(folder.path(name), "\(error)")
        }
    }

    /// What playing a dialect's transcripts came to.
    private struct Played {
        var exchanges = 0
        var faults: [(path: String, words: String)] = []
        var recorded: [String] = []

        mutating func fail(_ path: String, _ words: String) { faults.append((path, words)) }

        func output(_ folder: String, transcripts: Int) -> CommandOutput {
            var text = faults.map { "\($0.path) \($0.words)\n" }.joined()
            text += recorded.map { "\($0): rewritten, review the difference\n" }.joined()
            text += "\(folder): \(transcripts) transcripts, \(exchanges) exchanges, \(faults.count) mismatches\n"
            return CommandOutput(
                text: text,
                value: .object([
                    .init("dialect", .string(folder)), .init("transcripts", .int(Int64(transcripts))),
                    .init("exchanges", .int(Int64(exchanges))), .init("recorded", .list(recorded.map(Value.string))),
                    .init(
                        "mismatches",
                        .list(faults.map { .object([.init("file", .string($0.path)), .init("words", .string($0.words))]) })),
                ]), isFailure: !faults.isEmpty)
        }
    }
}
