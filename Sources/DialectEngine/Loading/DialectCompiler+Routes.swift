import Identity

extension DialectCompiler {
    func readRoutes(failures: FailureWords, credentials: CredentialPolicy) -> [Route] {
        (tree["routes"]?.items ?? []).compactMap { item in
            guard let entry = item.entries?.first else { return nil }
            return route(entry, failures, credentials)
        }
    }

    private func route(_ entry: YAMLNode.Entry, _ failures: FailureWords, _ credentials: CredentialPolicy) -> Route? {
        let node = entry.value
        guard let (methods, path) = methodsAndPath(entry) else { return nil }
        guard let word = node["operation"], let name = word.text else { return nil }
        guard let operation = OperationName(rawValue: name), let signature = OperationSignature.all[operation] else {
            findings.unknown("operation", name, at: word.place, known: OperationName.allCases.map(\.rawValue))
            return nil
        }
        let paths = paths([(path, entry.keyPlace)] + node.words("aliases").map { ($0.text ?? "", $0.place) }, node)
        let slots = readSlots(node, signature, paths)
        let validation = readValidation(node["validation"])
        let rules = readRules(node, slots, validation)
        let need = caller(node, signature)
        let roles = node.strings("roles")
        for word in node.words("roles") { checkRole(word, among: policy.roles.known) }
        let own = readOwnFailures(node["failures"], at: operation, of: "`\(entry.key)`")
        let possible = signature.possibleFailures(
            need: need, hasRules: !rules.isEmpty || !slots.isEmpty, guardedByRole: roles != nil)
        let codes = readCodes(node)
        return Route(
            name: node.string("name") ?? entry.key, methods: methods, paths: paths.patterns, operation: operation, need: need,
            kinds: node.choices("credentials").map { Set($0) } ?? credentials.kinds, roles: roles, slots: slots, rules: rules,
            validation: validation, codes: codes,
            outcomes: outcomes(node, signature, entry), failures: own, methodField: node.string("method-field"),
            discriminators: discriminators(node["when"], paths), place: entry.keyPlace,
            answers: resolve(
                [failures.general, failures.atOperation[operation] ?? [:], own], needing: possible, at: operation, place: entry.keyPlace,
                of: "`\(entry.key)`"))
    }

    // MARK: Methods and paths

    private func methodsAndPath(_ entry: YAMLNode.Entry) -> (methods: [String], path: String)? {
        let words = entry.key.split(separator: " ", omittingEmptySubsequences: false).map(String.init)
        guard words.count == 2, words[1].hasPrefix("/") else {
            findings.error(entry.keyPlace, "a route is written `METHOD /path`, not `\(entry.key)`")
            return nil
        }
        let methods = words[0].split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        checkMethods(methods.map { ($0, entry.keyPlace) })
        return (methods, words[1])
    }

    func checkMethods(_ methods: [(name: String, place: Place)]) {
        let known = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
        for method in methods where !known.contains(method.name) { findings.unknown("method", method.name, at: method.place, known: known) }
    }

    struct Paths {
        var patterns: [PathPattern]
        var parameters: Set<String>
    }

    private func paths(_ written: [(path: String, place: Place)], _ node: YAMLNode) -> Paths {
        var patterns: [PathPattern] = []
        var parameters: Set<String>?
        for (path, place) in written {
            guard path.hasPrefix("/") else {
                findings.error(place, "a path begins with a slash, and `\(path)` does not")
                continue
            }
            let segments = segments(of: path, at: place)
            let names = Set(
                segments.compactMap { segment -> String? in
                    if case .parameter(let name) = segment { name } else { nil }
                })
            parameters = parameters.map { $0.intersection(names) } ?? names
            for prefix in prefixes(under: node) {
                patterns.append(PathPattern(segments: prefix.map { $0.map(PathPattern.Segment.literal) ?? .locale } + segments))
            }
        }
        return Paths(patterns: patterns, parameters: parameters ?? [])
    }

    private func segments(of path: String, at place: Place) -> [PathPattern.Segment] {
        guard path != "/" else { return [] }
        return path.dropFirst().split(separator: "/", omittingEmptySubsequences: false).map { segment in
            guard segment.hasPrefix("{"), segment.hasSuffix("}") else {
                if segment.isEmpty || segment.contains("{") || segment.contains("}") || segment.contains("*") {
                    findings.error(place, "`\(segment)` is no segment of a path: it is words, or `{name}` alone")
                }
                return .literal(String(segment))
            }
            return .parameter(String(segment.dropFirst().dropLast()))
        }
    }

    /// The segments before a path: nil stands for the locale.
    func prefixes(under node: YAMLNode) -> [[String?]] {
        let bases = tree.strings("base-paths") ?? [""]
        for base in tree.words("base-paths") {
            guard let text = base.text, !text.isEmpty, !text.hasPrefix("/") || text.hasSuffix("/") else { continue }
            findings.error(base.place, "a base path begins with a slash and ends without one, or is empty")
        }
        for word in node.words("under") where !bases.contains(word.text ?? "") {
            findings.unknown("base path", word.text ?? "", at: word.place, known: bases)
        }
        let chosen = node.strings("under") ?? bases
        return chosen.flatMap { base -> [[String?]] in
            let segments: [String?] = base.split(separator: "/").map { String($0) }
            return tree.bool("locale-paths", false) ? [segments, segments + [nil]] : [segments]
        }
    }

    // MARK: Slots

    private func readSlots(_ node: YAMLNode, _ signature: OperationSignature, _ paths: Paths) -> [SlotSource] {
        var slots: [SlotSource] = []
        for entry in node["take"]?.entries ?? [] {
            guard let kind = slotKind(entry, signature) else { continue }
            let from = entry.value.entries == nil ? entry.value : entry.value["from"] ?? entry.value
            let words = from.items ?? [from]
            let sources = words.compactMap { source($0, paths) }
            guard !sources.isEmpty, let first = words.first?.text else { continue }
            let isMap = entry.value.entries != nil
            slots.append(
                SlotSource(
                    slot: Slot(entry.key), sources: sources, wireName: (isMap ? entry.value.string("as") : nil) ?? wireName(first),
                    lenient: isMap && entry.value.bool("lenient", false), kind: kind, lenientMax: isMap ? entry.value.int("max") : nil))
        }
        for entry in node["give"]?.entries ?? [] {
            guard let kind = slotKind(entry, signature) else { continue }
            if Slot(entry.key).isSecret { findings.error(entry.value.place, "`\(entry.key)` is a secret and is never written here") }
            slots.append(
                SlotSource(
                    slot: Slot(entry.key), sources: [.constant(entry.value.literal ?? .null)], wireName: entry.key, lenient: false,
                    kind: kind,
                    lenientMax: nil))
        }
        return slots
    }

    /// The last part of a source, as it was written.
    private func wireName(_ source: String) -> String {
        let parts = source.split(separator: ".")
        guard parts.count > 1, let last = parts.last else { return source }
        return ["query", "header", "cookie", "path"].contains(parts[0]) ? parts.dropFirst().joined(separator: ".") : String(last)
    }

    private func slotKind(_ entry: YAMLNode.Entry, _ signature: OperationSignature) -> Attribute.Kind? {
        let slot = Slot(entry.key)
        if signature.slots.contains(slot) {
            if let kind = IdentifierKind.allCases.first(where: { $0.slot == slot }), policy.identifiers[kind] == nil {
                findings.error(entry.keyPlace, "`\(entry.key)` is none of this dialect's `identifiers`")
                return nil
            }
            return .string
        }
        let attributes = signature.takesAttributes ? policy.attributes : []
        if let attribute = attributes.first(where: { $0.name == entry.key }) {
            if attribute.writer == .operator {
                findings.error(entry.keyPlace, "`\(entry.key)` is written by operators alone, so no route takes it")
                return nil
            }
            return attribute.kind
        }
        let known = Slot.known.filter(signature.slots.contains).map(\.rawValue) + attributes.filter { $0.writer == .client }.map(\.name)
        findings.unknown("slot of `\(signature.name.rawValue)`", entry.key, at: entry.keyPlace, known: known)
        return nil
    }

    private func source(_ node: YAMLNode, _ paths: Paths) -> SlotSource.Source? {
        guard let text = node.text else { return nil }
        let parts = text.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        guard parts.allSatisfy({ !$0.isEmpty }) else {
            findings.error(node.place, "`\(text)` is no source: a field's path, `query.x`, `header.X`, `cookie.x` or `path.x`")
            return nil
        }
        guard parts.count > 1 else { return .body(parts) }
        let name = parts.dropFirst().joined(separator: ".")
        switch parts[0] {
        case "query": return .query(name)
        case "header": return .header(name.loweringASCII())
        case "cookie": return .cookie(name)
        case "path":
            if !paths.parameters.contains(name) {
                findings.unknown("parameter of the path", name, at: node.place, known: paths.parameters.sorted())
            }
            return .path(name)
        default: return .body(parts)
        }
    }

    private func discriminators(_ node: YAMLNode?, _ paths: Paths) -> [Discriminator] {
        (node?.entries ?? []).compactMap { entry in
            let key = YAMLNode(.scalar(entry.key, isQuoted: false), at: entry.keyPlace)
            guard let source = source(key, paths), let literal = entry.value.text else { return nil }
            return Discriminator(source: source, literal: literal)
        }
    }

    // MARK: Callers, codes, validation

    private func caller(_ node: YAMLNode, _ signature: OperationSignature) -> PrincipalNeed {
        guard let word = node["caller"], let need = word.text.flatMap(PrincipalNeed.init(rawValue:)) else {
            return node["roles"] == nil || signature.need == .required ? signature.need : .required
        }
        if signature.need == .required, need != .required, signature.name != .logout || need == .none {
            findings.error(word.place, "`\(signature.name.rawValue)` cannot do without a caller")
        }
        if node["roles"] != nil, need != .required { findings.error(word.place, "`roles` are a caller's, so the caller is required") }
        return need
    }

    private func readCodes(_ node: YAMLNode) -> [String: String] {
        var codes: [String: String] = [:]
        for entry in (tree["codes"]?.entries ?? []) + (node["codes"]?.entries ?? []) {
            codes[entry.key] = entry.value.text
            let known = DialectSchema.ruleNames + ["default"]
            if !known.contains(entry.key) { findings.unknown("rule", entry.key, at: entry.keyPlace, known: known) }
        }
        return codes
    }

    private func readValidation(_ node: YAMLNode?) -> Validation {
        let general = tree.map("validation")
        let own = node ?? .empty(at: tree.place)
        return Validation(
            order: own.choice("order", general.choice("order", .together)),
            wrongType: own.choice("wrong-type", general.choice("wrong-type", .only)),
            report: own.choice("report", general.choice("report", .all)))
    }

    // MARK: Outcomes

    private func outcomes(_ node: YAMLNode, _ signature: OperationSignature, _ entry: YAMLNode.Entry) -> [Outcome: Answer] {
        var answers: [Outcome: Answer] = [:]
        let known = Outcome.allCases.filter { signature.outcomes[$0] != nil }
        for written in node.entries ?? [] {
            guard let outcome = Outcome(rawValue: written.key) else { continue }
            guard let groups = signature.outcomes[outcome] else {
                findings.unknown("outcome of `\(signature.name.rawValue)`", written.key, at: written.keyPlace, known: known.map(\.rawValue))
                continue
            }
            let scope = ReferenceScope(
                kind: .answer, groups: groups, what: "the outcome `\(outcome.rawValue)` of `\(signature.name.rawValue)`",
                showsLink: groups.contains(.slot))
            answers[outcome] = finish(part(written.value, in: scope).variants, standard: "done", at: written.keyPlace, in: scope)
        }
        for outcome in known where answers[outcome] == nil && policy.canEnd(signature.name, in: outcome) {
            findings.error(entry.keyPlace, "`\(entry.key)` can end in `\(outcome.rawValue)`, which has no answer")
        }
        return answers
    }
}

extension Policy {
    /// Whether this policy lets the operation end so.
    func canEnd(_ operation: OperationName, in outcome: Outcome) -> Bool {
        let hides = existence == .hide && registration.hidesAll
        switch (operation, outcome) {
        case (.register, .registrationPending): return hides
        case (.register, .registered): return !hides && !registration.signsIn
        case (.register, .registeredAndSignedIn): return !hides && registration.signsIn
        case (.login, .signedIn): return login == .password
        case (.login, .codeSent): return login != .password
        default: return true
        }
    }
}
