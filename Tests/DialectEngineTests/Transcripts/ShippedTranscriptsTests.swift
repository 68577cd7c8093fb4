import Foundation
import Identity
import Testing

@testable import DialectEngine

/// Every transcript of every shipped dialect, played on a stage of its own; `DRAGOMAN_RECORD=1` rewrites them with what came, for review.
struct ShippedTranscriptsTests {
    private static let dialects = "/" + #filePath.split(separator: "/").dropLast(4).joined(separator: "/") + "/Dialects"
    private static let hasher = PasswordHasher(cores: 2, waitingLimit: 10_000)

    private static let transcripts: [String] = {
        let folders = (try? FileManager.default.contentsOfDirectory(atPath: dialects)) ?? []
        return folders.flatMap { name in
            ((try? FileManager.default.contentsOfDirectory(atPath: "\(dialects)/\(name)/transcripts")) ?? [])
                .filter { $0.hasSuffix(".http") }.map { "\(name)/transcripts/\($0)" }
        }.sorted()
    }()

    @Test(arguments: transcripts)
    func `a transcript plays as it is written`(path: String) async throws {
        let dialect = try DialectLoader.load(folder: "\(Self.dialects)/\(path.prefix { $0 != "/" })").get()
        let text = try String(contentsOfFile: "\(Self.dialects)/\(path)", encoding: .utf8)
        let isRecording = ProcessInfo.processInfo.environment["DRAGOMAN_RECORD"] == "1"
        let report = try await Rehearsal(dialect, hasher: Self.hasher).play(try TranscriptFile(text), recording: isRecording)
        for mismatch in report.mismatches { Issue.record("\(path) \(mismatch)") }
        if isRecording, report.recorded != text {
            try report.recorded.write(toFile: "\(Self.dialects)/\(path)", atomically: true, encoding: .utf8)
        }
    }
}
