import FoundationEssentials

extension DialectFiles {
    /// Reads a dialect's folder: `dialect.yaml`, `locales/`, `mail/`, `pages/`.
    ///
    /// Nil when there is no `dialect.yaml` in it.
    package init?(folder: String) {
        let folder = folder.hasSuffix("/") ? String(folder.dropLast()) : folder
        var bytes: [String: [UInt8]] = [:]
        guard let dialect = Self.read("\(folder)/dialect.yaml") else { return nil }
        bytes["dialect.yaml"] = dialect
        for shelf in ["locales", "mail", "pages"] {
            let names = (try? FileManager.default.contentsOfDirectory(atPath: "\(folder)/\(shelf)")) ?? []
            for name in names where !name.hasPrefix(".") {
                bytes["\(shelf)/\(name)"] = Self.read("\(folder)/\(shelf)/\(name)")
            }
        }
        self.init(root: folder + "/", bytes: bytes)
    }

    private static func read(_ path: String) -> [UInt8]? {
        FileManager.default.contents(atPath: path).map { Array($0) }
    }
}
