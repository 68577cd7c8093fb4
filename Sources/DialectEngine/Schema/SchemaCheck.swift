/// Holds a tree against the table: unknown keys, missing keys, wrong types, what is out of range.
package struct SchemaCheck {
    private let findings: Findings
    /// Keys whose values nobody may see.
    private let secrets: Set<String>

    package init(findings: Findings, secrets: Set<String> = []) {
        self.findings = findings
        self.secrets = secrets
    }

    package func check(_ node: YAMLNode, _ shape: MapShape) {
        guard let entries = node.entries else {
            return findings.error(node.place, "\(shape.name) is a map, not \(node.kind)")
        }
        for entry in entries {
            guard let key = shape.key(entry.key) else {
                findings.unknown("key in \(shape.name)", entry.key, at: entry.keyPlace, known: shape.keys.map(\.name))
                continue
            }
            check(entry.value, key.type, as: entry.key)
        }
        for key in shape.keys where key.need == .required && node[key.name] == nil {
            findings.error(node.place, "\(shape.name) needs `\(key.name)`: \(key.meaning)")
        }
    }

    private func check(_ node: YAMLNode, _ type: SchemaType, as name: String) {
        switch type {
        case .map(let shape):
            // A key with nothing behind it is an empty map.
            if node.isNull && shape.keys.allSatisfy({ $0.need != .required }) { return }
            guard node.entries != nil else { return refuse(node, type, name) }
            check(node, shape)
        case .table(let value, _):
            if node.isNull { return }
            guard let entries = node.entries else { return refuse(node, type, name) }
            for entry in entries { check(entry.value, value, as: entry.key) }
        case .pair(let value, _):
            guard let entries = node.entries, entries.count == 1 else { return refuse(node, type, name) }
            check(entries[0].value, value, as: entries[0].key)
        case .list(let item):
            guard let items = node.items else { return refuse(node, type, name) }
            for each in items { check(each, item, as: name) }
        case .either(let types):
            guard let alternative = types.first(where: { fits(node, $0) }) else { return refuse(node, type, name) }
            check(node, alternative, as: name)
        case .tree: break
        default:
            guard let text = node.text, !node.isNull || type.allowsNothing else { return refuse(node, type, name) }
            if !type.accepts(text) { refuse(node, type, name) }
        }
    }

    /// Whether the alternative is the one for what stands there.
    private func fits(_ node: YAMLNode, _ type: SchemaType) -> Bool {
        switch type {
        case .map, .table, .pair: node.entries != nil
        case .list: node.items != nil
        case .either(let types): types.contains { fits(node, $0) }
        default: node.text != nil
        }
    }

    private func refuse(_ node: YAMLNode, _ type: SchemaType, _ name: String) {
        let origin = node.setting.map { ", chosen by the setting `\($0)`" } ?? ""
        let choices = type.choices
        let kind = secrets.contains(name) && node.text != nil && !node.isNull ? "one text" : node.kind
        findings.add(
            .error, node.place, "`\(name)` wants \(type.name), not \(kind)\(origin)",
            suggestion: node.text.flatMap { Spelling.nearest(to: $0, among: choices) })
    }
}

extension SchemaType {
    fileprivate var allowsNothing: Bool {
        switch self {
        case .scalar: true
        default: false
        }
    }

    fileprivate var choices: [String] {
        switch self {
        case .choice(let names): names
        case .either(let types): types.flatMap(\.choices)
        default: []
        }
    }

    fileprivate func accepts(_ text: String) -> Bool {
        switch self {
        case .text, .scalar: true
        case .bool: Scalars.bool(text) != nil
        case .int(let range): Scalars.int(text).map(range.contains) ?? false
        case .duration(let range): Scalars.duration(text).map(range.contains) ?? false
        case .bytes: Scalars.bytes(text) != nil
        case .range(let range): Scalars.intRange(text).map { range.contains($0.lowerBound) && range.contains($0.upperBound) } ?? false
        case .choice(let names): names.contains(text)
        case .list, .map, .table, .pair, .either, .tree: false
        }
    }
}
