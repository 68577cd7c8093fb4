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

    @Test(arguments: folders)
    func `a shipped dialect loads under each choice that it offers`(_ folder: String) throws {
        let path = "\(Self.root)/\(folder)"
        let parents = "\(Self.root)/Dialects"
        let dialect = try DialectLoader.load(folder: path, parents: parents).get()
        for setting in dialect.settings {
            let choices =
                setting.kind == "choice"
                ? setting.range.split(separator: ", ").map(String.init) : setting.kind == "bool" ? ["true", "false"] : []
            for choice in choices where choice != setting.standard {
                let result = DialectLoader.load(folder: path, settings: [setting.name: ChosenSetting(choice)], parents: parents)
                if case .failure(let report) = result { Issue.record("\(setting.name): \(choice)\n\(report.rendered)") }
            }
        }
    }
}
