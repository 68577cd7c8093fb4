import Identity

extension DialectCompiler {
    func readLanguages() {
        let node = tree.map("languages")
        languages.supported = node.strings("supported") ?? []
        languages.standard = node.string("default") ?? languages.supported.first ?? ""
        languages.from = node.choices("from") ?? []
        languages.name = node.string("name") ?? "lang"
        languages.announced = node.bool("announced", false)
        if let standard = node["default"], !languages.supported.contains(languages.standard) {
            findings.unknown("language", languages.standard, at: standard.place, known: languages.supported)
        }
        refuseRepeats(node.words("supported"), "language")
        if languages.from.contains(.path), !tree.bool("locale-paths", false) {
            findings.error(node["from"]?.place ?? node.place, "`path` decides only with `locale-paths: true`")
        }
    }

    func readTables() {
        for entry in tree["enums"]?.entries ?? [] {
            var table: [String: String] = [:]
            for word in entry.value.entries ?? [] { table[word.key] = word.value.text }
            enums[entry.key] = table
        }
        views = named("views")
        envelopes = named("envelopes")
        ruleLists = named("rules")
    }

    private func named(_ key: String) -> [String: YAMLNode] {
        Dictionary((tree[key]?.entries ?? []).map { ($0.key, $0.value) }) { first, _ in first }
    }

    func refuseRepeats(_ words: [YAMLNode], _ what: String) {
        var seen: Set<String> = []
        for word in words {
            guard let text = word.text, !seen.insert(text).inserted else { continue }
            findings.error(word.place, "the \(what) `\(text)` stands here twice")
        }
    }

    func readPolicy() -> Policy {
        var policy = Policy()
        let account = tree.map("account")
        policy.idCodec = codec(account["id"])
        policy.identifiers = [:]
        for kind in IdentifierKind.allCases {
            guard let folding = account.map("identifiers").string(kind.rawValue).flatMap(Folding.init(rawValue:)) else { continue }
            policy.identifiers[kind] = folding
        }
        if policy.identifiers[.email] == nil, account["identifiers"] != nil {
            findings.error(account["identifiers"]?.place ?? account.place, "every account has an `email`")
        }
        policy.signInBy = account.choices("sign-in-by") ?? [.email]
        for word in account.words("sign-in-by") {
            guard let kind = word.text.flatMap(IdentifierKind.init(rawValue:)), policy.identifiers[kind] == nil else { continue }
            findings.error(word.place, "`\(kind.rawValue)` is none of this dialect's identifiers")
        }
        policy.attributes = readAttributes(account["attributes"])
        policy.roles = readRoles(account.map("roles"))
        policy.plans = readPlans(account["plans"])
        let password = account.map("password")
        policy.password.scheme = PasswordScheme(cost: password.int("cost") ?? 12, variant: password.string("variant") ?? "2b")
        policy.password.blocklist = password.choice("blocklist", .refuse)
        policy.newcomerSpan = account.duration("newcomer") ?? policy.newcomerSpan
        readBehaviour(into: &policy)
        return policy
    }

    private func codec(_ node: YAMLNode?) -> AccountIDCodec {
        guard let node else { return .uuid }
        if node.entries != nil { return .prefixed(node.string("prefix") ?? "", simpleCodec(node.string("of"))) }
        return simpleCodec(node.text)
    }

    private func simpleCodec(_ name: String?) -> AccountIDCodec {
        switch name {
        case "serial": .serial
        case "cuid": .cuid
        default: .uuid
        }
    }

    private func readAttributes(_ node: YAMLNode?) -> [Attribute] {
        let taken = Set(Fact.all.map(\.name))
        return (node?.entries ?? []).compactMap { entry in
            if Slot.known.contains(Slot(entry.key)) || taken.contains("account.\(entry.key)") {
                findings.error(entry.keyPlace, "`\(entry.key)` is the engine's own: the attribute needs another name")
                return nil
            }
            let kind: Attribute.Kind = entry.value.choice("type", .string)
            let missing = entry.value["default"]?.literal ?? .null
            if !missing.isNull, !kind.takes(missing) {
                findings.error(entry.value["default"]?.place ?? entry.keyPlace, "the default of `\(entry.key)` is no \(kind.rawValue)")
            }
            return Attribute(name: entry.key, kind: kind, writer: entry.value.choice("write", .client), missing: missing)
        }
    }

    private func readRoles(_ node: YAMLNode) -> Policy.Roles {
        var roles = Policy.Roles()
        roles.known = node.strings("known") ?? []
        roles.standard = node.string("default") ?? ""
        roles.selfAssignable = node.strings("self-assignable") ?? []
        roles.atRegistration = node.strings("at-registration") ?? []
        roles.assigners = node.strings("assigners") ?? []
        if let standard = node["default"] { checkRole(standard, among: roles.known) }
        for key in ["self-assignable", "at-registration", "assigners"] {
            for word in node.words(key) { checkRole(word, among: roles.known) }
        }
        refuseRepeats(node.words("known"), "role")
        return roles
    }

    func checkRole(_ word: YAMLNode, among known: [String]) {
        guard let role = word.text, !known.contains(role) else { return }
        findings.unknown("role", role, at: word.place, known: known)
    }

    private func readPlans(_ node: YAMLNode?) -> Policy.Plans? {
        guard let node, node.entries != nil else { return nil }
        var limits: [String: Int64] = [:]
        for entry in node.map("limits").entries ?? [] { limits[entry.key] = Int64(entry.value.text.flatMap(Scalars.int) ?? 0) }
        for word in node.words("unlimited") + [node["default"]].compactMap({ $0 }) {
            guard let plan = word.text, limits[plan] == nil else { continue }
            findings.unknown("plan", plan, at: word.place, known: limits.keys.sorted())
        }
        return Policy.Plans(standard: node.string("default") ?? "", limits: limits, unlimited: node.strings("unlimited") ?? [])
    }
}

extension Attribute.Kind {
    fileprivate func takes(_ value: Value) -> Bool {
        switch (self, value) {
        case (.string, .string), (.int, .int), (.bool, .bool), (.time, .time): true
        default: false
        }
    }
}
