import Identity

/// No secret is written into a dialect: dialects are published.
struct SecretCheck {
    let findings: Findings

    /// Where words stand that leave the gateway or sign something.
    private static let sections = ["tokens", "views", "envelopes", "routes", "failures", "headers", "settings"]
    private static let names = ["secret", "password", "passwd", "privatekey", "apikey", "accesskey", "clientsecret", "signingkey"]
    /// Maps whose keys are slots, not members: what stands there is where a value comes from.
    private static let slotMaps: Set<String> = ["take", "rules", "codes", "when"]

    func run(_ tree: YAMLNode) {
        for section in Self.sections {
            guard let node = tree[section] else { continue }
            walk(node, in: section)
        }
    }

    private func walk(_ node: YAMLNode, in section: String) {
        switch node.content {
        case .scalar: return
        case .list(let items): items.forEach { walk($0, in: section) }
        case .map(let entries):
            for entry in entries where !Self.slotMaps.contains(entry.key) {
                judge(entry, in: section)
                walk(entry.value, in: section)
            }
        }
    }

    private func judge(_ entry: YAMLNode.Entry, in section: String) {
        let name = String(entry.key.loweringASCII().filter { $0.isLetter })
        guard Self.names.contains(where: name.hasSuffix) else {
            if let text = entry.value.text, text.hasPrefix("-----BEGIN") { tell(entry) }
            return
        }
        let literal = section == "settings" ? entry.value["default"] : entry.value
        guard let literal, let text = literal.text, literal.setting == nil, !literal.isNull, !text.hasPrefix("$") || text.hasPrefix("$$")
        else { return }
        // Numbers and switches (`password: 5`) are no secrets.
        guard case .string(let words)? = literal.literal, !words.isEmpty else { return }
        tell(entry)
    }

    private func tell(_ entry: YAMLNode.Entry) {
        findings.error(
            entry.keyPlace, "`\(entry.key)` looks like a secret written out: a dialect is no place for one, the deployment's keys are")
    }
}
