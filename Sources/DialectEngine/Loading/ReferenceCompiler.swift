import Identity

/// Reads `account.created_at|date:dd/MM/yyyy`.
struct ReferenceCompiler {
    let findings: Findings
    let facts: [String: Fact]
    let slots: Set<Slot>
    let settings: [String: Value]
    let enums: [String: [String: String]]

    /// The fixed sources beside facts, slots, settings and what a text may hold.
    private static let fixed: [String: Reference.Source] = {
        var sources: [String: Reference.Source] = [
            "retry.seconds": .retrySeconds, "allowed": .allowedMethods, "http.status": .httpStatus, "request.method": .requestMethod,
            "request.path": .requestPath, "request.route": .requestRoute, "request.language": .requestLanguage, "message": .message,
            "code": .code, "links": .links, "link": .link, "item": .item,
        ]
        for fact in Reference.ErrorsFact.allCases { sources["errors.\(fact.rawValue)"] = .errors(fact) }
        for fact in Reference.TokenFact.allCases { sources[fact.rawValue] = .token(fact) }
        return sources
    }()

    /// Every reference that needs no dialect: for the reference page and suggestions.
    static var names: [String] { Fact.all.map(\.name) + fixed.keys.sorted() + ["body"] }

    /// The reference without its `$`; nil when it is wrong, which is then found.
    func reference(_ written: String, at place: Place, in scope: ReferenceScope) -> Reference? {
        let parts = split(written)
        guard let source = source(parts[0], at: place, in: scope) else { return nil }
        if let lack = scope.lacks(source) {
            findings.error(place, "`\(parts[0])` is not known here: \(lack)")
            return nil
        }
        var formatters: [Formatter] = []
        for part in parts.dropFirst() {
            guard let formatter = formatter(part, at: place) else { return nil }
            formatters.append(formatter)
        }
        return Reference(written: written, source: source, formatters: formatters)
    }

    private func split(_ written: String) -> [String] {
        written.split(separator: "|", omittingEmptySubsequences: false).map(String.init)
    }

    private func source(_ name: String, at place: Place, in scope: ReferenceScope) -> Reference.Source? {
        if let fixed = Self.fixed[name] { return fixed }
        if let fact = facts[name] { return .fact(fact) }
        if let setting = tail(of: name, behind: "settings.") {
            if let value = settings[setting] { return .constant(value) }
            findings.unknown("setting", setting, at: place, known: settings.keys.sorted())
            return nil
        }
        if let slot = tail(of: name, behind: "slot.") {
            guard slots.contains(Slot(slot)) else {
                findings.unknown("slot", slot, at: place, known: slots.map(\.rawValue).sorted())
                return nil
            }
            if Slot(slot).isSecret, slot != Slot.link.rawValue {
                findings.error(place, "`\(name)` is a secret, and no secret is shown")
                return nil
            }
            return .slot(Slot(slot))
        }
        if let field = tail(of: name, behind: "errors.of."), !field.isEmpty { return .error(of: field) }
        if let member = tail(of: name, behind: "item."), !member.isEmpty { return .itemMember(member) }
        let known = facts.keys.sorted() + Self.fixed.keys.sorted() + settings.keys.sorted().map { "settings.\($0)" }
        let near = known.filter { scope.lacks(Self.fixed[$0] ?? facts[$0].map(Reference.Source.fact) ?? .constant(.null)) == nil }
        let group = name.prefix { $0 != "." } + "."
        let siblings = near.filter { $0.hasPrefix(group) }
        findings.unknown("reference", name, at: place, known: siblings.isEmpty ? near : siblings)
        return nil
    }

    private func tail(of name: String, behind prefix: String) -> String? {
        name.hasPrefix(prefix) ? String(name.dropFirst(prefix.count)) : nil
    }

    // MARK: Formatters

    static let formatterNames = [
        "string", "int", "lower", "upper", "capitalized", "iso", "iso-ms", "epoch", "epoch-ms", "date", "prefix", "suffix", "default",
        "join",
        "first", "count", "enum", "mask", "base64url", "url",
    ]

    private func formatter(_ written: String, at place: Place) -> Formatter? {
        let colon = written.firstIndex(of: ":")
        let name = colon.map { String(written[..<$0]) } ?? written
        let argument = colon.map { unquoted(String(written[written.index(after: $0)...])) }
        guard Self.formatterNames.contains(name) else {
            findings.unknown("formatter", name, at: place, known: Self.formatterNames)
            return nil
        }
        let plain: Formatter? =
            switch name {
            case "string": .string
            case "int": .int
            case "lower": .lower
            case "upper": .upper
            case "capitalized": .capitalized
            case "iso": .iso
            case "iso-ms": .isoMilliseconds
            case "epoch": .epoch
            case "epoch-ms": .epochMilliseconds
            case "first": .first
            case "count": .count
            case "mask": .mask
            case "base64url": .base64url
            case "url": .url
            default: nil
            }
        if let plain {
            if argument != nil { findings.error(place, "the formatter `\(name)` takes nothing behind a colon") }
            return plain
        }
        guard let argument else {
            findings.error(place, "the formatter `\(name)` wants something behind a colon")
            return nil
        }
        switch name {
        case "date": return .date(argument)
        case "prefix": return .prefix(argument)
        case "suffix": return .suffix(argument)
        case "default": return .default(argument)
        case "join": return .join(argument)
        default:
            guard let table = enums[argument] else {
                findings.unknown("table of `enums`", argument, at: place, known: enums.keys.sorted())
                return nil
            }
            return .enum(table)
        }
    }

    private func unquoted(_ text: String) -> String {
        guard text.count >= 2, text.hasPrefix("\""), text.hasSuffix("\"") else { return text }
        return String(text.dropFirst().dropLast())
    }
}

extension Formatter {
    /// Whether it writes a moment in a form that the dialect chose.
    var writesMoments: Bool {
        switch self {
        case .iso, .isoMilliseconds, .epoch, .epochMilliseconds, .date: true
        default: false
        }
    }
}

extension Reference {
    /// A moment without a form: every API writes its own.
    var isBareMoment: Bool {
        guard case .fact(let fact) = source, fact.kind == .time else { return false }
        return !formatters.contains(where: \.writesMoments)
    }
}
