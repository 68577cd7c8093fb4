import Identity

extension DialectCompiler {
    /// An answer as written: a map, or a list of maps of which the last has no `when`.
    func part(_ node: YAMLNode, in scope: ReferenceScope) -> AnswerPart {
        guard let items = node.items else { return part(node.place, [variant(node, in: scope)]) }
        if items.isEmpty { findings.error(node.place, "a list of variants has at least one") }
        for (index, item) in items.enumerated() {
            let isLast = index == items.count - 1
            if isLast, let when = item["when"] {
                findings.error(when.place, "the last variant answers all that is left, so it has no `when`")
            }
            if !isLast, item.map("when").entries?.isEmpty ?? true {
                findings.error(item.place, "the variants behind this one are never reached: it has no `when`")
            }
        }
        return part(node.place, items.map { variant($0, in: scope) })
    }

    private func part(_ place: Place, _ variants: [AnswerPart.Variant]) -> AnswerPart {
        parts += 1
        return AnswerPart(place: place, number: parts, variants: variants)
    }

    private func variant(_ node: YAMLNode, in scope: ReferenceScope) -> AnswerPart.Variant {
        var variant = AnswerPart.Variant()
        variant.conditions = conditions(node["when"])
        variant.status = node.int("status")
        variant.message = node["say"].flatMap { message($0, in: scope) }
        variant.code = node["code"].map { template($0, in: scope) }
        variant.body = node["body"].map { template($0, in: scope) }
        if let envelope = node["envelope"], let name = envelope.text {
            variant.envelope = .some(name == "none" ? nil : name)
            if name != "none", envelopes[name] == nil {
                findings.unknown("envelope", name, at: envelope.place, known: envelopes.keys.sorted() + ["none"])
            }
        }
        if let beside = node["beside"] {
            if beside.entries == nil { findings.error(beside.place, "`beside` wants a map of members, not \(beside.kind)") }
            variant.beside = members(beside.entries ?? [], in: scope)
        }
        if node["headers"] != nil { variant.headers = readHeaders(node["headers"], in: scope) }
        variant.cookies = node["cookies"]?.entries.map { $0.map { cookie($0, in: scope) } }
        variant.text = node["text"].flatMap { message($0, in: scope) }
        if let page = node["page"], let name = page.text {
            variant.page = name
            checkPage(name, at: page.place, in: scope)
        }
        variant.redirect = node["redirect"].map { text($0, .url, in: scope) }
        let contents = ["body", "text", "page", "redirect"].filter { node[$0] != nil }
        if contents.count > 1 {
            findings.error(node.place, "an answer is one of \(contents.map { "`\($0)`" }.joined(separator: ", ")), not several")
        }
        return variant
    }

    private func conditions(_ node: YAMLNode?) -> [AnswerCondition] {
        (node?.entries ?? []).compactMap { entry in
            switch entry.key {
            case "accept": return entry.value.text.map { .accept($0.loweringASCII()) }
            case "accept-only": return entry.value.text.map { .acceptOnly($0.loweringASCII()) }
            case "content-type": return entry.value.text.map { .contentType($0.loweringASCII()) }
            case "header":
                guard let name = entry.value.string("name"), let value = entry.value["is"]?.text else { return nil }
                return .header(name.loweringASCII(), is: value)
            case "slot":
                guard let name = entry.value.text else { return nil }
                guard references.slots.contains(Slot(name)) else {
                    findings.unknown("slot", name, at: entry.value.place, known: references.slots.map(\.rawValue).sorted())
                    return nil
                }
                return .slot(Slot(name))
            default: return nil
            }
        }
    }

    /// Header values are texts; a lone reference is one with a single hole.
    func readHeaders(_ node: YAMLNode?, in scope: ReferenceScope) -> [HeaderTemplate] {
        (node?.entries ?? []).map { entry in
            if !entry.key.utf8.allSatisfy(\.isTokenCharacter) || entry.key.isEmpty {
                findings.error(entry.keyPlace, "`\(entry.key)` is no name of a header")
            }
            return HeaderTemplate(name: entry.key, value: headerText(entry.value, in: scope))
        }
    }

    private func headerText(_ node: YAMLNode, in scope: ReferenceScope) -> Text {
        guard let text = node.text, text.hasPrefix("$"), node.setting == nil else { return self.text(node, .header, in: scope) }
        guard let reference = references.reference(String(text.dropFirst()), at: node.place, in: scope) else { return Text(parts: []) }
        return Text(parts: [.hole(reference, .header)])
    }

    private func cookie(_ entry: YAMLNode.Entry, in scope: ReferenceScope) -> CookieTemplate {
        if !entry.key.utf8.allSatisfy(\.isTokenCharacter) || entry.key.isEmpty {
            findings.error(entry.keyPlace, "`\(entry.key)` is no name of a cookie")
        }
        let node = entry.value
        let sameSite = node.string("same-site") ?? "Lax"
        let secure = node.bool("secure", true)
        if sameSite == "None", !secure { findings.error(node.place, "browsers refuse `same-site: None` without `secure: true`") }
        return CookieTemplate(
            name: entry.key, value: node["value"].map { headerText($0, in: scope) } ?? Text(parts: []), path: node.string("path") ?? "/",
            maxAge: node.duration("max-age"), httpOnly: node.bool("http-only", true), secure: secure, sameSite: sameSite)
    }

    private func checkPage(_ name: String, at place: Place, in scope: ReferenceScope) {
        let texts = page(name, in: scope)
        guard texts.count < languages.supported.count else { return }
        let known = Set(
            files.names(in: "pages", ending: ".html").map { name in
                languages.supported.first { name.hasSuffix("." + $0) }.map { String(name.dropLast($0.count + 1)) } ?? name
            })
        guard !texts.isEmpty else { return findings.unknown("page", name, at: place, known: known.sorted()) }
        let missing = languages.supported.filter { texts[$0] == nil }
        findings.error(place, "the page `\(name)` is missing in \(missing.map { "`\($0)`" }.joined(separator: ", "))")
    }

    private func page(_ name: String, in scope: ReferenceScope) -> [String: Text] {
        template(name, in: "pages", ending: ".html", .html, in: scope.with { $0.kind = .page })
    }

    // MARK: Finishing

    /// The narrower words over the broader: what they leave unsaid is inherited.
    ///
    /// Words without variants speak in each variant of the broader; variants stand on the broader's variant of the same conditions, or its last.
    func merge(_ narrow: [AnswerPart.Variant], over broad: [AnswerPart.Variant]) -> [AnswerPart.Variant] {
        guard let last = broad.last else { return narrow }
        if narrow.count == 1, let only = narrow.first, only.conditions.isEmpty { return broad.map { only.over($0) } }
        return narrow.map { variant in
            variant.over(broad.first { $0.conditions == variant.conditions } ?? last)
        }
    }

    /// The answer that the merged words make.
    func finish(
        _ variants: [AnswerPart.Variant], standard envelope: String, at place: Place, in scope: ReferenceScope
    ) -> Answer {
        Answer(variants: variants.map { finish($0, standard: envelope, at: place, in: scope) })
    }

    private func finish(
        _ variant: AnswerPart.Variant, standard: String, at place: Place, in scope: ReferenceScope
    ) -> AnswerVariant {
        if variant.status == nil { findings.error(place, "\(scope.what) has no `status`") }
        let status = variant.status ?? 500
        return AnswerVariant(
            conditions: variant.conditions, status: status, headers: variant.headers ?? [], cookies: variant.cookies ?? [],
            message: variant.message, code: variant.code, body: body(variant, status, standard: standard, at: place, in: scope))
    }

    private func body(
        _ variant: AnswerPart.Variant, _ status: Int, standard: String, at place: Place, in scope: ReferenceScope
    ) -> AnswerVariant.Body {
        let isBare = status == 204 || status == 304
        if let redirect = variant.redirect {
            if !(300...399).contains(status) { findings.error(place, "a redirect has a status of 300 to 399, not \(status)") }
            return .redirect(redirect)
        }
        if isBare,
            variant.body != nil || variant.text != nil || variant.page != nil || (variant.envelope ?? nil) != nil || variant.beside != nil
        {
            findings.error(place, "\(scope.what) has the status \(status), which has no body")
        }
        if isBare { return .empty }
        if let text = variant.text { return .text(text) }
        if let name = variant.page { return .page(page(name, in: scope)) }
        let envelope: String? = variant.envelope ?? (envelopes[standard] == nil ? nil : standard)
        guard let envelope else {
            guard let body = variant.body else {
                if let beside = variant.beside { return .json(.object(beside)) }
                return .empty
            }
            return .json(variant.beside.map { with($0, body, at: place) } ?? body)
        }
        if variant.message == nil, self.envelope(envelope, mentions: "message") {
            findings.error(place, "\(scope.what) says nothing, but its envelope `\(envelope)` has a `$message`")
        }
        if variant.code == nil, self.envelope(envelope, mentions: "code") {
            findings.error(place, "\(scope.what) has no `code`, but its envelope `\(envelope)` has a `$code`")
        }
        return .json(
            enveloped(envelope, body: variant.body, code: variant.code, beside: variant.beside ?? [], at: place, in: scope))
    }
}

extension AnswerPart.Variant {
    /// This variant's words, the other's where it has none.
    ///
    /// A body, text, page or redirect of its own puts the other's away.
    fileprivate func over(_ broad: AnswerPart.Variant) -> AnswerPart.Variant {
        var merged = broad
        if let status, status == 204 || status == 304 {
            // Nothing is inherited that such an answer cannot have.
            merged.body = nil
            merged.text = nil
            merged.page = nil
            merged.redirect = nil
            merged.envelope = nil
            merged.beside = nil
        }
        if !conditions.isEmpty { merged.conditions = conditions }
        merged.status = status ?? broad.status
        merged.headers = headers ?? broad.headers
        merged.cookies = cookies ?? broad.cookies
        merged.message = message ?? broad.message
        merged.code = code ?? broad.code
        merged.envelope = envelope ?? merged.envelope
        merged.beside = beside ?? merged.beside
        if body != nil || text != nil || page != nil || redirect != nil {
            merged.body = body
            merged.text = text
            merged.page = page
            merged.redirect = redirect
            if body == nil { merged.beside = beside }
        } else if envelope != nil || beside != nil {
            merged.text = nil
            merged.page = nil
            merged.redirect = nil
        }
        return merged
    }
}

extension UInt8 {
    /// A character of RFC 9110's `token`.
    var isTokenCharacter: Bool {
        switch self {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
        default: "!#$%&'*+-.^_`|~".utf8.contains(self)
        }
    }
}
