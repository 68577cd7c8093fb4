/// The files of one dialect, by their paths below its folder: `dialect.yaml`, `locales/en.yaml`, `mail/reset.txt`.
package struct DialectFiles: Sendable {
    /// What stands before a file's path in places: `Dialects/NAME/`.
    package var root: String
    package var texts: [String: String]
    /// Files that are not UTF-8.
    package var unreadable: [String]
    /// The files of the dialects that this one extends, nearest first; a file of its own hides theirs.
    package var elders: [DialectFiles] = []

    package init(root: String = "", texts: [String: String], unreadable: [String] = []) {
        self.root = root
        self.texts = texts
        self.unreadable = unreadable
    }

    package init(root: String = "", bytes: [String: [UInt8]]) {
        self.init(root: root, texts: [:])
        for (name, bytes) in bytes {
            guard let text = String(validating: bytes, as: UTF8.self) else {
                unreadable.append(name)
                continue
            }
            texts[name] = text
        }
        unreadable.sort()
    }

    /// The names below a folder and with an ending, without both: `names(in: "locales", ending: ".yaml")` is `["en", "es"]`.
    func names(in folder: String, ending: String) -> [String] {
        let paths = Set(family.flatMap(\.texts.keys))
        return paths.compactMap { path in
            guard path.hasPrefix(folder + "/"), path.hasSuffix(ending) else { return nil }
            return String(path.dropFirst(folder.count + 1).dropLast(ending.count))
        }
        .sorted()
    }

    private var family: [DialectFiles] { [self] + elders }

    /// The file's text and its name in places, this dialect's own before an elder's.
    func source(_ path: String) -> (text: String, file: String)? { sources(path).first }

    /// The file in every dialect of the family that has it, the youngest first.
    func sources(_ path: String) -> [(text: String, file: String)] {
        family.compactMap { files in files.texts[path].map { ($0, files.displayName(path)) } }
    }

    func displayName(_ path: String) -> String { root + path }
}
