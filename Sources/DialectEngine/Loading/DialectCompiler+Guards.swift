import Identity

extension DialectCompiler {
    func readGuards(failures: FailureWords, credentials: CredentialPolicy) -> [Guard] {
        (tree["guards"]?.items ?? []).map { node in
            let methods = node.strings("methods") ?? []
            checkMethods(node.words("methods").map { ($0.text ?? "", $0.place) })
            let paths = node.words("paths").flatMap { guardPaths($0, under: node) }
            let allow = allow(node["allow"])
            let counts = node.bool("counts-usage", false)
            let name =
                node.string("name")
                ?? ([methods.joined(separator: ","), node.strings("paths")?.first ?? ""].filter { !$0.isEmpty }).joined(separator: " ")
            var needed: Set<FailureKind> = [.upstream, .unreachable, .timeout, .rateLimited, .internal, .unavailable]
            if allow != .anyone { needed.formUnion(FailureKind.allCases.filter { $0.lineage.contains(.unauthenticated) }) }
            if case .roles = allow { needed.insert(.forbidden) }
            if allow == .confirmed { needed.insert(.unconfirmed) }
            if counts { needed.insert(.usageExhausted) }
            let own = readOwnFailures(node["failures"], at: nil, of: "the guard `\(name)`")
            let foreign = node.bool("foreign-keys", false)
            if foreign, credentials.foreignKeyPrefixes.isEmpty {
                findings.error(node["foreign-keys"]?.place ?? node.place, "no keys are foreign: `credentials` has no `foreign-keys`")
            }
            if counts, policy.plans == nil {
                findings.error(node["counts-usage"]?.place ?? node.place, "usage is counted against a plan, and `account` has no `plans`")
            }
            return Guard(
                name: name, methods: methods, paths: paths, allow: allow,
                kinds: node.choices("credentials").map { Set($0) } ?? credentials.kinds,
                foreignKeys: foreign, upstream: node.string("upstream") ?? "app", countsUsage: counts, place: node.place,
                answers: resolve([failures.general, own], needing: needed, at: nil, place: node.place, of: "the guard `\(name)`"))
        }
    }

    private func allow(_ node: YAMLNode?) -> Guard.Allow {
        guard let node else { return .signedIn }
        if node.entries != nil {
            for word in node.words("roles") { checkRole(word, among: policy.roles.known) }
            return .roles(node.strings("roles") ?? [])
        }
        switch node.text {
        case "anyone": return .anyone
        case "confirmed": return .confirmed
        default: return .signedIn
        }
    }

    private func guardPaths(_ word: YAMLNode, under node: YAMLNode) -> [GuardPath] {
        guard let path = word.text, path.hasPrefix("/") else {
            findings.error(word.place, "a path begins with a slash")
            return []
        }
        let names = path == "/" ? [] : path.dropFirst().split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        var segments: [GuardPath.Segment] = []
        for (index, name) in names.enumerated() {
            switch name {
            case "*": segments.append(.one)
            case "**":
                if index < names.count - 1 { findings.error(word.place, "`**` stands at the end alone") }
                segments.append(.rest)
            default:
                let isSuffixed = name.utf8.count > 2 && name.hasSuffix(".*")
                let stem = isSuffixed ? String(name.dropLast(2)) : name
                if stem.isEmpty || stem.contains("*") || stem.contains("{") || isSuffixed && stem.contains(".") {
                    findings.error(word.place, "`\(name)` is no segment of a guarded path: it is words, `words.*`, `*` or `**`")
                }
                segments.append(isSuffixed ? .suffixed(stem) : .literal(stem))
            }
        }
        return prefixes(under: node).map { prefix in
            GuardPath(segments: prefix.map { $0.map(GuardPath.Segment.literal) ?? .locale } + segments)
        }
    }

    func readLimits(routes: [Route]) -> [Limit] {
        let names = routes.map(\.name)
        return (tree["limits"]?.items ?? []).map { node in
            for word in node.words("routes") where !names.contains(word.text ?? "") {
                findings.unknown("route", word.text ?? "", at: word.place, known: names)
            }
            return Limit(
                name: node.string("name") ?? "", by: node.choice("by", .address), count: node.int("count") ?? 1,
                window: node.duration("window") ?? .seconds(60), routes: node.strings("routes") ?? [],
                headers: node.choice("headers", .none), refusal: node.choice("refusal", .rateLimited))
        }
    }

    func readCORS() -> CORSPolicy? {
        guard let node = tree["cors"], node.entries != nil else { return nil }
        let origins = node.strings("origins") ?? []
        if node.bool("credentials", false), origins.contains("*") {
            findings.error(
                node["origins"]?.place ?? node.place, "with `credentials: true` origins are named one by one, for browsers refuse `*`")
        }
        checkMethods(node.words("methods").map { ($0.text ?? "", $0.place) })
        return CORSPolicy(
            credentials: node.bool("credentials", false), origins: origins, methods: node.strings("methods") ?? [],
            headers: node.strings("headers") ?? [], exposed: node.strings("expose") ?? [],
            maxAge: node.duration("max-age").map { Int($0.components.seconds) })
    }
}
