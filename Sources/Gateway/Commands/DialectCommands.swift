import DialectEngine
import Identity

/// `dragoman dialect test`: loads dialects by themselves and plays their transcripts, each with the settings that it asks for.
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
        let dialect: Dialect
        switch DialectLoader.load(folder: folder) {
        case .success(let loaded): dialect = loaded
        case .failure(let report): return CheckCommand.output(folder, frontends: nil, report)
        }
        let transcripts = TranscriptFolder(dialect: folder)
        var played = Played(isRecording: recording)
        for name in transcripts.names {
            await play(name, of: transcripts, folder, dialect, recording, hasher, into: &played)
        }
        return played.output(folder, transcripts: transcripts.names.count)
    }

    private static func play(
        _ name: String, of transcripts: TranscriptFolder, _ folder: String, _ dialect: Dialect, _ recording: Bool,
        _ hasher: PasswordHasher, into played: inout Played
    ) async {
        guard let text = transcripts.text(name) else { return played.fail(transcripts.path(name), "it cannot be read as UTF-8") }
        do {
            let file = try TranscriptFile(text)
            let dialect = file.settings.isEmpty ? dialect : try DialectLoader.load(folder: folder, settings: file.settings).get()
            let report = try await Rehearsal(dialect, hasher: hasher).play(file, recording: recording)
            played.exchanges += report.exchanges
            // Of what recording has rewritten nothing is a mismatch; what is left nobody can rewrite.
            for mismatch in report.mismatches { played.fail(transcripts.path(name), mismatch.description) }
            guard recording, report.recorded != text else { return }
            try transcripts.write(report.recorded, to: name)
            played.recorded.append(transcripts.path(name))
        } catch {
            let words = (error as? DiagnosticReport)?.rendered ?? "\(error)"
            played.fail(transcripts.path(name), words)
        }
    }

    /// What playing a dialect's transcripts came to.
    private struct Played {
        let isRecording: Bool
        var exchanges = 0
        var faults: [(path: String, words: String)] = []
        var recorded: [String] = []

        mutating func fail(_ path: String, _ words: String) { faults.append((path, words)) }

        func output(_ folder: String, transcripts: Int) -> CommandOutput {
            var text = faults.map { "\($0.path) \($0.words)\n" }.joined()
            text += recorded.map { "\($0): rewritten, review the difference\n" }.joined()
            text += "\(folder): \(transcripts) transcripts, \(exchanges) exchanges, \(faults.count) mismatches\n"
            if transcripts == 0 { text += "Nothing was tested: there is no \(folder)/transcripts/*.http\n" }
            if !faults.isEmpty, !isRecording { text += "Where what came is right, --record writes it down\n" }
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
