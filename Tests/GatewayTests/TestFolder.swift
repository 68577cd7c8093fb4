import FoundationEssentials
import Gateway

/// A folder of one test with the pocket dialect in it, its passwords hashed at the lowest cost.
struct TestFolder {
    let path: String

    static var packageRoot: String { #filePath.split(separator: "/").dropLast(3).reduce("") { "\($0)/\($1)" } }

    init() throws {
        path = FileManager.default.temporaryDirectory.path + "/dragoman-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: path + "/Dialects", withIntermediateDirectories: true)
        try FileManager.default.copyItem(atPath: Self.packageRoot + "/Examples/pocket", toPath: path + "/Dialects/pocket")
        try edit("Dialects/pocket/dialect.yaml") {
            $0.replacing(
                "  roles: { default: member, known: [member] }",
                with: "  roles: { default: member, known: [member, chief] }\n  password: { cost: 4 }"
            )
            .replacing("by: address, count: 20", with: "by: address, count: 2000")
        }
    }

    func write(_ name: String, _ text: String) throws {
        try Data(text.utf8).write(to: URL(filePath: "\(path)/\(name)"))
    }

    func edit(_ name: String, _ change: (String) -> String) throws {
        let text = String(decoding: try Data(contentsOf: URL(filePath: "\(path)/\(name)")), as: UTF8.self)
        try write(name, change(text))
    }

    func remove() { try? FileManager.default.removeItem(atPath: path) }
}
