import FoundationEssentials

/// A dialect's `transcripts/`.
package struct TranscriptFolder: Sendable {
    private let folder: String

    /// `dialect`: the dialect's own folder.
    package init(dialect: String) {
        folder = (dialect.hasSuffix("/") ? String(dialect.dropLast()) : dialect) + "/transcripts"
    }

    /// The names of its `.http` files, sorted.
    package var names: [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).filter { $0.hasSuffix(".http") }.sorted()
    }

    package func path(_ name: String) -> String { "\(folder)/\(name)" }

    /// Nil when it cannot be read as UTF-8.
    package func text(_ name: String) -> String? {
        FileManager.default.contents(atPath: path(name)).flatMap { String(validating: $0, as: UTF8.self) }
    }

    package func write(_ text: String, to name: String) throws {
        try Data(text.utf8).write(to: URL(filePath: path(name)), options: .atomic)
    }
}
