import Identity

extension DialectCompiler {
    /// A body: literals, references, texts, choices, lists and objects.
    ///
    /// What is wrong is found and stands as null.
    func template(_ node: YAMLNode, in scope: ReferenceScope) -> Template {
        switch node.content {
        case .scalar(let text, _): leaf(text, node, in: scope)
        case .list(let items): .list(items.map { template($0, in: scope) })
        case .map(let entries): map(entries, node, in: scope)
        }
    }

    private func leaf(_ text: String, _ node: YAMLNode, in scope: ReferenceScope) -> Template {
        let literal = Template.literal(node.literal ?? .null)
        guard text.hasPrefix("$"), node.setting == nil else { return literal }
        if text.hasPrefix("$$") { return .literal(.string(String(text.dropFirst()))) }
        let written = String(text.dropFirst())
        if written.hasPrefix("view.") { return view(String(written.dropFirst(5)), at: node.place, in: scope) }
        if let bindings = scope.bindings, let bound = bindings[written] { return bound }
        if written == "body" {
            findings.error(node.place, "`$body` stands in envelopes alone")
            return .literal(.null)
        }
        guard let reference = references.reference(written, at: node.place, in: scope) else { return .literal(.null) }
        if reference.isBareMoment, scope.kind != .catalogue || viewsBeingRead.isEmpty {
            findings.error(node.place, "say how the moment is written: `|iso`, `|iso-ms`, `|epoch`, `|date:…`")
        }
        if case .constant(let value) = reference.source, reference.formatters.isEmpty { return .literal(value) }
        return .reference(reference)
    }

    private func map(_ entries: [YAMLNode.Entry], _ node: YAMLNode, in scope: ReferenceScope) -> Template {
        let keys = Set(entries.map(\.key))
        if keys == ["text"], let words = node["text"] {
            guard words.text != nil else {
                findings.error(words.place, "`text` wants words with holes, not \(words.kind)")
                return .literal(.null)
            }
            return .text(text(words, .words, in: scope))
        }
        if keys.contains("when"), keys.isSubset(of: ["when", "is", "then", "else"]) { return choice(node, in: scope) }
        if keys == ["each", "as"], let each = node["each"], let tree = node["as"] {
            guard let reference = bare(each, in: scope) else { return .literal(.null) }
            return .each(reference, template(tree, in: scope.with { $0.isInEach = true }))
        }
        return .object(members(entries, in: scope))
    }

    func members(_ entries: [YAMLNode.Entry], in scope: ReferenceScope) -> [Template.Member] {
        var seen: Set<String> = []
        return entries.map { entry in
            let optional = entry.key.hasSuffix("?") && entry.key.count > 1
            let name = optional ? String(entry.key.dropLast()) : entry.key
            if !seen.insert(name).inserted { findings.error(entry.keyPlace, "the member `\(name)` stands here twice") }
            return Template.Member(name: name, optional: optional, value: template(entry.value, in: scope))
        }
    }

    private func choice(_ node: YAMLNode, in scope: ReferenceScope) -> Template {
        guard let when = node["when"], let then = node["then"] else {
            findings.error(node.place, "a choice needs `when` and `then`")
            return .literal(.null)
        }
        let yes = template(then, in: scope)
        let no = node["else"].map { template($0, in: scope) } ?? .literal(.null)
        guard let reference = bare(when, in: scope) else { return yes }
        return .choice(when: reference, is: node["is"]?.literal, then: yes, else: no)
    }

    /// A reference alone, as conditions and lists want it.
    ///
    private func bare(_ node: YAMLNode, in scope: ReferenceScope) -> Reference? {
        guard let text = node.text, text.hasPrefix("$"), !text.hasPrefix("$$") else {
            findings.error(node.place, "here stands a reference, `$…`, not \(node.kind)")
            return nil
        }
        return references.reference(String(text.dropFirst()), at: node.place, in: scope)
    }

    // MARK: Views

    private func view(_ name: String, at place: Place, in scope: ReferenceScope) -> Template {
        guard let node = views[name] else {
            findings.unknown("view", name, at: place, known: views.keys.sorted())
            return .literal(.null)
        }
        guard !viewsBeingRead.contains(name) else {
            findings.error(place, "the view `\(name)` contains itself")
            return .literal(.null)
        }
        viewsBeingRead.append(name)
        defer { viewsBeingRead.removeLast() }
        guard node["extends"] != nil else { return template(node, in: scope) }
        return .object(members(extended(node), in: scope))
    }

    /// The other view's members with this one's over them, those it adds behind.
    private func extended(_ node: YAMLNode, depth: Int = 0) -> [YAMLNode.Entry] {
        let own = (node.entries ?? []).filter { $0.key != "extends" }
        guard let word = node["extends"], let name = word.text else { return own }
        guard depth < 16 else {
            findings.error(word.place, "the view `\(name)` extends itself")
            return own
        }
        guard let other = views[name] else {
            findings.unknown("view", name, at: word.place, known: views.keys.sorted())
            return own
        }
        var merged = extended(other, depth: depth + 1)
        for entry in own {
            if let place = merged.firstIndex(where: { $0.key == entry.key }) {
                merged[place] = entry
            } else {
                merged.append(entry)
            }
        }
        return merged
    }

    /// Judges each view once, used or not, apart from what is known at its uses.
    func checkViews() {
        for name in views.keys.sorted() { _ = view(name, at: tree["views"]?.place ?? tree.place, in: .catalogue) }
    }

    // MARK: Envelopes

    /// The envelope around a body: `$body` and `$code` filled in, members beside at `$beside` or behind the rest.
    func enveloped(
        _ name: String, body: Template?, code: Template?, beside: [Template.Member], at place: Place, in scope: ReferenceScope
    ) -> Template {
        guard let node = envelopes[name] else { return .literal(.null) }
        let scope = scope.with { $0.bindings = ["body": body ?? .literal(.null), "code": code ?? .literal(.null)] }
        return beside.isEmpty && node.entries?.contains(where: { $0.key == "$beside" }) != true
            ? template(node, in: scope) : with(beside, template(node, in: scope), at: place)
    }

    /// An object with more members, where `$beside` stands or at its end.
    func with(_ beside: [Template.Member], _ tree: Template, at place: Place) -> Template {
        guard case .object(var members) = tree else {
            findings.error(place, "`beside` adds members, but this body is no object")
            return tree
        }
        if let mark = members.firstIndex(where: { $0.name == "$beside" }) {
            members.replaceSubrange(mark...mark, with: beside)
        } else {
            members += beside
        }
        var seen: Set<String> = []
        for member in members where !seen.insert(member.name).inserted {
            findings.error(place, "`beside` gives the member `\(member.name)` a second time")
        }
        return .object(members)
    }

    /// Whether an envelope cannot do without the reference: `message`, `code`.
    func envelope(_ name: String, mentions reference: String) -> Bool {
        if let known = mentions[name]?[reference] { return known }
        let found = envelopes[name].map { mentions($0, "$\(reference)", "{\(reference)}") } ?? false
        mentions[name, default: [:]][reference] = found
        return found
    }

    private func mentions(_ node: YAMLNode, _ whole: String, _ hole: String) -> Bool {
        switch node.content {
        case .scalar(let text, _): text == whole || text.hasPrefix(whole + "|") || text.contains(hole)
        case .list(let items): items.contains { mentions($0, whole, hole) }
        // A member that may be left out needs nothing.
        case .map(let entries): entries.contains { !$0.key.hasSuffix("?") && mentions($0.value, whole, hole) }
        }
    }
}
