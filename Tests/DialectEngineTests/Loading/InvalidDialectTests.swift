import DialectEngine
import Foundation
import Testing

/// Dialects with faults, and what a load says of each.
///
/// `Invalid/NAME.yaml`, or a folder `Invalid/NAME/`, has the fault, mostly over `Invalid/base/`; `Invalid/NAME.errors` is what is said. `RECORD=1 swift test --filter InvalidDialectTests` writes those anew, to be read as a diff.
struct InvalidDialectTests {
    static let folder = ShippedDialectTests.root + "/Tests/DialectEngineTests/Invalid"

    static let cases: [String] = ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).compactMap { name in
        if name.hasSuffix(".yaml") { return String(name.dropLast(5)) }
        return name != "base" && FileManager.default.fileExists(atPath: "\(folder)/\(name)/dialect.yaml") ? name : nil
    }.sorted()

    static func load(_ name: String, settings: [String: ChosenSetting] = [:]) throws -> DialectLoader.Outcome {
        let files: DialectFiles
        if FileManager.default.fileExists(atPath: "\(folder)/\(name).yaml") {
            files = DialectFiles(texts: ["dialect.yaml": try String(contentsOfFile: "\(folder)/\(name).yaml", encoding: .utf8)])
        } else {
            var read = try #require(DialectFiles(folder: "\(folder)/\(name)"))
            read.root = ""
            files = read
        }
        return DialectLoader.load(files, settings: settings) { name in
            var files = DialectFiles(folder: "\(folder)/\(name)")
            files?.root = name + "/"
            return files
        }
    }

    @Test func `the base of the cases has no fault and no weakness`() throws {
        let outcome = try Self.load("base")
        #expect(outcome.report.rendered == "")
        #expect(outcome.dialect != nil)
    }

    @Test(arguments: cases)
    func `a fault is told as it was recorded`(_ name: String) throws {
        let rendered = try Self.load(name).report.rendered
        let golden = "\(Self.folder)/\(name).errors"
        if ProcessInfo.processInfo.environment["RECORD"] == "1" {
            try rendered.write(toFile: golden, atomically: true, encoding: .utf8)
        }
        let expected = try? String(contentsOfFile: golden, encoding: .utf8)
        #expect(rendered == expected)
        #expect(!rendered.isEmpty, "the case has no fault")
    }
}
