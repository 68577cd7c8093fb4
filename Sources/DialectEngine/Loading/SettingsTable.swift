import Identity

/// A dialect's settings with what was chosen, and their places in the tree filled.
struct SettingsTable {
    private(set) var settings: [Setting] = []
    private var nodes: [String: YAMLNode.Content] = [:]
    private let findings: Findings

    /// Judges the declarations and the choices; what is wrong is found and counts as its default.
    init(_ declared: YAMLNode?, chosen: [String: ChosenSetting], findings: Findings) {
        self.findings = findings
        let entries = declared?.entries ?? []
        for entry in entries { declare(entry, chosen[entry.key]) }
        let home = declared?.place ?? Place(file: "dialect.yaml", line: 1, column: 1)
        for name in chosen.keys.sorted() where !entries.contains(where: { $0.key == name }) {
            findings.unknown("setting", name, at: chosen[name]?.place ?? home, known: entries.map(\.key))
        }
    }

    func content(of name: String) -> YAMLNode.Content? { nodes[name] }
    var names: [String] { settings.map(\.name) }

    private mutating func declare(_ entry: YAMLNode.Entry, _ chosen: ChosenSetting?) {
        let node = entry.value
        guard node.entries != nil, let kind = node.string("type"), let standard = node["default"]?.text else { return }
        let of = node.strings("of") ?? []
        let range = node.string("range")
        let problem = { (text: String) in Self.problem(text, kind: kind, of: of, range: range) }
        if let range, Self.reads(range, kind: kind) == false {
            findings.error(node["range"]?.place ?? node.place, "`\(range)` is no range of \(kind) values")
        }
        if kind == "choice", of.isEmpty { findings.error(node.place, "a choice needs `of`: among what") }
        if let words = problem(standard) {
            findings.error(node["default"]?.place ?? node.place, "the default of `\(entry.key)` \(words)")
        }
        var value = problem(standard) == nil ? standard : of.first ?? standard
        if let chosen {
            if let words = problem(chosen.text) {
                findings.add(
                    .error, chosen.place ?? entry.keyPlace, "the setting `\(entry.key)` \(words)",
                    suggestion: Spelling.nearest(to: chosen.text, among: of))
            } else {
                value = chosen.text
            }
        }
        settings.append(
            Setting(
                name: entry.key, kind: kind, about: node.string("about") ?? "", standard: standard, chosen: value,
                range: kind == "choice" ? of.joined(separator: ", ") : range ?? ""))
        nodes[entry.key] = .scalar(value, isQuoted: kind == "choice" || kind == "text" || kind == "duration")
    }

    private static func reads(_ range: String, kind: String) -> Bool? {
        switch kind {
        case "int": Scalars.bounds(range) != nil && Scalars.intRange(range) != nil
        case "duration": Scalars.durationRange(range) != nil
        default: false
        }
    }

    /// What is wrong with a value; nil when it may be chosen.
    private static func problem(_ text: String, kind: String, of: [String], range: String?) -> String? {
        switch kind {
        case "choice": return of.contains(text) ? nil : "is one of \(of.joined(separator: ", ")), not `\(text)`"
        case "bool": return Scalars.bool(text) == nil ? "is `true` or `false`, not `\(text)`" : nil
        case "int":
            guard let int = Scalars.int(text) else { return "is a whole number, not `\(text)`" }
            guard let range, let bounds = Scalars.intRange(range), !bounds.contains(int) else { return nil }
            return "lies in \(range), and `\(text)` does not"
        case "duration":
            guard let span = Scalars.duration(text) else { return "is a duration like `10m`, not `\(text)`" }
            guard let range, let bounds = Scalars.durationRange(range), !bounds.contains(span) else { return nil }
            return "lies in \(range), and `\(text)` does not"
        default: return nil
        }
    }

    // MARK: Filling the tree

    /// The tree with every `$settings.NAME` replaced by what was chosen, and every choice over a setting by the branch that it takes.
    func filled(_ node: YAMLNode) -> YAMLNode {
        var node = node
        switch node.content {
        case .scalar(let text, _):
            guard text.hasPrefix("$settings."), !text.contains("|") else { return node }
            let name = String(text.dropFirst("$settings.".count))
            guard let content = nodes[name] else {
                if !names.contains(name) { findings.unknown("setting", name, at: node.place, known: names) }
                return node
            }
            node.content = content
            node.setting = name
        case .list(let items):
            node.content = .list(items.map(filled))
        case .map(let entries):
            if let branch = branch(node) { return branch }
            node.content = .map(entries.map { YAMLNode.Entry(key: $0.key, keyPlace: $0.keyPlace, value: filled($0.value)) })
        }
        return node
    }

    /// `{ when: $settings.NAME, is: LITERAL, then: A, else: B }` anywhere in the file.
    private func branch(_ node: YAMLNode) -> YAMLNode? {
        guard let when = node["when"], let text = when.text, text.hasPrefix("$settings."), let then = node["then"] else { return nil }
        let name = String(text.dropFirst("$settings.".count))
        guard case .scalar(let chosen, _)? = nodes[name] else {
            findings.unknown("setting", name, at: when.place, known: names)
            return filled(then)
        }
        let setting = settings.first { $0.name == name }
        if let wanted = node["is"]?.text, let setting, setting.kind == "choice",
            !setting.range.split(separator: ",").contains(where: { $0.drop { $0 == " " } == wanted })
        {
            findings.error(node["is"]?.place ?? node.place, "the setting `\(name)` is never `\(wanted)`: it is one of \(setting.range)")
        }
        let holds = node["is"].map { $0.text == chosen } ?? (chosen == "true")
        if holds { return filled(then) }
        guard let other = node["else"] else {
            return YAMLNode(.scalar("", isQuoted: false), at: node.place)
        }
        return filled(other)
    }
}
