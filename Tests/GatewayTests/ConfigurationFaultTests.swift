import DialectEngine
import FoundationEssentials
import Gateway
import Testing

/// `Faulty/NAME.yaml` is a configuration with faults, `NAME.errors` what is said of it.
///
/// `RECORD=1 swift test` writes the latter anew.
@Suite struct ConfigurationFaultTests {
    private static let folder = TestFolder.packageRoot + "/Tests/GatewayTests/Faulty"

    static var names: [String] {
        let files = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return files.filter { $0.hasSuffix(".yaml") }.map { String($0.dropLast(5)) }.sorted()
    }

    private static let environment = [
        "SHORT": "a short secret", "SECRET": "0123456789abcdefghijklmnopqrstuvwxyz~!@#", "EMPTY": "",
        "WEAK": "this is a changeme secret of forty bytes",
    ]

    @Test(arguments: names)
    func `every fault of a configuration is told at once, with its place`(name: String) throws {
        let path = "\(Self.folder)/\(name).yaml"
        let (plan, report) = Planner.plan(path: path, environment: Self.environment)
        let told = report.rendered.replacing(Self.folder + "/", with: "")
        if ProcessInfo.processInfo.environment["RECORD"] != nil {
            try Data(told.utf8).write(to: URL(filePath: "\(Self.folder)/\(name).errors"))
        }
        let expected = try String(decoding: Data(contentsOf: URL(filePath: "\(Self.folder)/\(name).errors")), as: UTF8.self)
        #expect(told == expected)
        #expect(plan == nil)
        #expect(!told.contains("0123456789abcdef"))
    }

    @Test func `the shipped configuration is sound`() {
        let (plan, report) = Planner.plan(path: TestFolder.packageRoot + "/config.yaml", environment: [:])
        #expect(report.errors.isEmpty)
        #expect(plan?.frontends.count == 5)
    }
}
