import DialectEngine

/// Fills scalars that say where their value is: `env:NAME`, `env:NAME|default`, `file:PATH`.
struct SecretSources {
    let environment: [String: String]
    /// What relative paths are relative to.
    let folder: String
    let findings: Findings

    /// The tree with each such scalar replaced; what cannot be reached is found and left out.
    ///
    /// Nil when that is the node itself.
    func filled(_ node: YAMLNode) -> YAMLNode? {
        var node = node
        switch node.content {
        case .scalar(let text, _):
            guard text.hasPrefix("env:") || text.hasPrefix("file:") else { return node }
            guard let value = value(of: text, at: node.place) else { return nil }
            node.content = .scalar(value, isQuoted: true)
        case .list(let items):
            node.content = .list(items.compactMap(filled))
        case .map(let entries):
            node.content = .map(
                entries.compactMap { entry in
                    filled(entry.value).map { YAMLNode.Entry(key: entry.key, keyPlace: entry.keyPlace, value: $0) }
                })
        }
        return node
    }

    private func value(of text: String, at place: Place) -> String? {
        text.hasPrefix("env:") ? variable(String(text.dropFirst(4)), at: place) : file(String(text.dropFirst(5)), at: place)
    }

    /// An empty variable counts as unset.
    private func variable(_ text: String, at place: Place) -> String? {
        let parts = text.split(separator: "|", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        guard !parts[0].isEmpty else {
            findings.error(place, "`env:` wants the name of a variable")
            return nil
        }
        if let value = environment[parts[0]], !value.isEmpty { return value }
        if parts.count == 2 { return parts[1] }
        findings.error(place, "the environment has no `\(parts[0])`")
        return nil
    }

    private func file(_ path: String, at place: Place) -> String? {
        let full = path.hasPrefix("/") ? path : folder + path
        do {
            guard try !PrivateFile.isReadableByAll(full) else {
                findings.error(place, "`\(path)` can be read by every user of this machine; `chmod 600` it")
                return nil
            }
            guard let text = String(validating: try PrivateFile.read(full), as: UTF8.self) else {
                findings.error(place, "`\(path)` is not UTF-8")
                return nil
            }
            return text.hasSuffix("\r\n") || text.hasSuffix("\n") ? String(text.dropLast()) : text
        } catch {
            findings.error(place, "`\(path)` cannot be read: \(error.reason)")
            return nil
        }
    }
}
