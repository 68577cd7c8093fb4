import Foundation
import Identity
import Testing

@testable import DialectEngine

/// Every transcript of every shipped dialect, played on a stage of its own; `DRAGOMAN_RECORD=1` rewrites them with what came, for review.
struct ShippedTranscriptsTests {
    private static let root = "/" + #filePath.split(separator: "/").dropLast(4).joined(separator: "/")
    private static let hasher = PasswordHasher(cores: 2, waitingLimit: 10_000)

    private static let transcripts: [String] = {
        let folders = ["Dialects", "Examples"].flatMap { shelf in files(shelf).map { "\(shelf)/\($0)" } }
        return folders.flatMap { folder in
            files("\(folder)/transcripts").filter { $0.hasSuffix(".http") }.map { "\(folder)/transcripts/\($0)" }
        }.sorted()
    }()

    private static func files(_ folder: String) -> [String] {
        (try? FileManager.default.contentsOfDirectory(atPath: "\(root)/\(folder)")) ?? []
    }

    @Test(arguments: transcripts)
    func `a transcript plays as it is written`(path: String) async throws {
        let folder = path.split(separator: "/").dropLast(2).joined(separator: "/")
        let text = try String(contentsOfFile: "\(Self.root)/\(path)", encoding: .utf8)
        let file = try TranscriptFile(text)
        let dialect = try DialectLoader.load(folder: "\(Self.root)/\(folder)", settings: file.settings).get()
        let isRecording = ProcessInfo.processInfo.environment["DRAGOMAN_RECORD"] == "1"
        let report = try await Rehearsal(dialect, hasher: Self.hasher).play(file, recording: isRecording)
        for mismatch in report.mismatches { Issue.record("\(path) \(mismatch)") }
        if isRecording, report.recorded != text {
            try report.recorded.write(toFile: "\(Self.root)/\(path)", atomically: true, encoding: .utf8)
        }
    }
}
