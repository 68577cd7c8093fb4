import Identity

extension DialectCompiler {
    func readToken(_ name: String) -> TokenTemplate? {
        guard let node = tree.map("tokens")[name], node.entries != nil else { return nil }
        let scope = ReferenceScope(kind: .claims, groups: [.account], what: "a claim")
        guard let claimsNode = node["claims"], let entries = claimsNode.entries else {
            if let claims = node["claims"] { findings.error(claims.place, "`claims` is a map of claims, not \(claims.kind)") }
            return nil
        }
        let claims = members(entries, in: scope)
        let jti = jti(node["jti"])
        let places = Dictionary(entries.map { ($0.key, $0.value.place) }) { first, _ in first }
        let subject = subject(claims)
        if subject == nil {
            findings.error(
                claimsNode.place,
                "no claim of the token `\(name)` is an account's id, so no token leads back to its account: write `sub: $account.id`")
        }
        checkTimes(claims, places, name, claimsNode.place)
        let usesJTI = claims.contains { $0.value.mentionsJTI }
        if usesJTI, jti == nil { findings.error(claimsNode.place, "the claims use `$jti`, so `jti` must say its form") }
        if !usesJTI, let jti = node["jti"] { findings.error(jti.place, "`jti` has a form, and no claim is `$jti`") }
        let header = (node["header"]?.entries ?? []).map { Value.Member($0.key, $0.value.literal ?? .null) }
        let algorithm = node.string("algorithm") ?? ""
        if let alg = header.first(where: { $0.name == "alg" }) {
            if alg.value != .string(algorithm) {
                findings.error(node["header"]?["alg"]?.place ?? node.place, "the header's `alg` is the token's `algorithm`, \(algorithm)")
            }
        } else {
            findings.error(node["header"]?.place ?? node.place, "the header needs `alg: \(algorithm)`")
        }
        return TokenTemplate(
            algorithm: algorithm, lifetime: node.duration("lifetime") ?? .seconds(3600), header: JSONWriter.document(.object(header)),
            claims: .object(claims), jti: jti, subject: subject?.name ?? "", subjectCodec: subject?.codec ?? .uuid,
            required: required(node.words("required"), among: claims, subject: subject?.name), constants: constants(claims),
            leeway: node.duration("leeway") ?? .seconds(60))
    }

    /// Each required claim with the kind that its own template gives it; a serial comes back as a text or a number.
    private func required(_ words: [YAMLNode], among claims: [Template.Member], subject: String?) -> [ClaimRules.Requirement] {
        words.compactMap { word in
            guard let claim = claims.first(where: { $0.name == word.text }) else {
                findings.unknown("claim", word.text ?? "", at: word.place, known: claims.map(\.name))
                return nil
            }
            if claim.optional || claim.value.mayBeNull {
                findings.error(
                    word.place, "the claim `\(claim.name)` may be missing or null in a token of our own, so it cannot be required")
            }
            return ClaimRules.Requirement(claim.name, claim.name == subject ? .stringOrInteger : claim.value.claimKind)
        }
    }

    private func jti(_ node: YAMLNode?) -> TokenProfile.JTIForm? {
        guard let node else { return nil }
        if node.text == "uuid" { return .uuid }
        switch (node.int("hex"), node.int("alphanumeric")) {
        case (let hex?, nil): return .hex(hex)
        case (nil, let count?): return .alphanumeric(count)
        default:
            findings.error(node.place, "a `jti` is `uuid`, `{ hex: 64 }` or `{ alphanumeric: 16 }`")
            return nil
        }
    }

    /// The first claim that is made of nothing but an account's id.
    private func subject(_ claims: [Template.Member]) -> (name: String, codec: AccountIDCodec)? {
        for claim in claims {
            guard case .reference(let reference) = claim.value, case .fact(let fact) = reference.source,
                reference.formatters.allSatisfy({ $0 == .string || $0 == .int })
            else { continue }
            switch fact.name {
            case "account.id": return (claim.name, policy.idCodec)
            case "account.uuid": return (claim.name, .uuid)
            case "account.serial": return (claim.name, .serial)
            default: continue
            }
        }
        return nil
    }

    private func checkTimes(_ claims: [Template.Member], _ places: [String: Place], _ name: String, _ home: Place) {
        guard let exp = claims.first(where: { $0.name == "exp" }) else {
            return findings.error(home, "a token needs the claim `exp: $exp`, else it never ends")
        }
        for (claim, fact) in [("exp", Reference.TokenFact.expiresAt), ("iat", .issuedAt)] {
            guard let member = claim == "exp" ? exp : claims.first(where: { $0.name == claim }) else { continue }
            guard case .reference(let reference) = member.value, case .token(fact) = reference.source, reference.formatters.isEmpty else {
                findings.error(places[claim] ?? home, "the claim `\(claim)` is `$\(fact.rawValue)` and nothing else")
                continue
            }
        }
    }

    private func constants(_ claims: [Template.Member]) -> [String: Value] {
        var constants: [String: Value] = [:]
        for claim in claims {
            guard case .literal(let value) = claim.value, !value.isNull else { continue }
            constants[claim.name] = value
        }
        return constants
    }
}

extension Template {
    fileprivate var mentionsJTI: Bool {
        switch self {
        case .literal: false
        case .object(let members): members.contains { $0.value.mentionsJTI }
        case .list(let items): items.contains { $0.mentionsJTI }
        case .reference(let reference): reference.isJTI
        case .text(let text):
            text.allParts.contains { if case .hole(let reference, _) = $0 { reference.isJTI } else { false } }
        case .choice(let when, is: _, let yes, let no): when.isJTI || yes.mentionsJTI || no.mentionsJTI
        case .each(_, let each): each.mentionsJTI
        }
    }
}

extension Reference {
    fileprivate var isJTI: Bool { if case .token(.jti) = source { true } else { false } }
}
