import DialectEngine
import Foundation
import Testing

/// The dialects that come with the house, and the example that the reference walks through.
struct ShippedDialectTests {
    static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().path

    /// Every folder of `Dialects/` and `Examples/` that holds a dialect.
    static let folders: [String] = ["Dialects", "Examples"].flatMap { shelf in
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "\(root)/\(shelf)")) ?? []
        return names.sorted().map { "\(shelf)/\($0)" }
            .filter { FileManager.default.fileExists(atPath: "\(root)/\($0)/dialect.yaml") }
    }

    @Test(arguments: folders)
    func `a shipped dialect loads`(_ folder: String) {
        let result = DialectLoader.load(folder: "\(Self.root)/\(folder)", parents: "\(Self.root)/Dialects")
        switch result {
        case .success(let dialect): #expect(folder.hasSuffix("/" + dialect.name))
        case .failure(let report): Issue.record("\(report.rendered)")
        }
    }
}
