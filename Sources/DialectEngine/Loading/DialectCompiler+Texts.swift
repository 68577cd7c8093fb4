import Identity

extension DialectCompiler {
    /// Every language's texts by dotted key, holes compiled for anywhere; each use is judged where it stands.
    func readCatalogue() -> MessageCatalogue {
        var texts: [String: [String: Text]] = [:]
        for language in languages.supported {
            let path = "locales/\(language).yaml"
            let sources = files.sources(path)
            if sources.isEmpty {
                findings.error(
                    tree.map("languages")["supported"]?.place ?? tree.place, "there is no `\(path)` for the language `\(language)`")
            }
            var all: [String: Text] = [:]
            for source in sources {
                let (root, faults) = YAMLReader.read(source.text, file: source.file)
                for fault in faults { findings.error(fault.place, fault.message) }
                var flat: [String: Text] = [:]
                if let root { flatten(root, prefix: "", language: language, hidden: Set(all.keys), into: &flat) }
                all.merge(flat) { mine, _ in mine }
            }
            texts[language] = all
        }
        for name in files.names(in: "locales", ending: ".yaml") where !languages.supported.contains(name) {
            findings.error(
                Place(file: files.source("locales/\(name).yaml")?.file ?? name, line: 1, column: 1),
                "`\(name)` is none of the `supported` languages")
        }
        return MessageCatalogue(texts: texts)
    }

    private func flatten(_ node: YAMLNode, prefix: String, language: String, hidden: Set<String>, into flat: inout [String: Text]) {
        for entry in node.entries ?? [] {
            let key = prefix.isEmpty ? entry.key : "\(prefix).\(entry.key)"
            if entry.value.entries != nil {
                flatten(entry.value, prefix: key, language: language, hidden: hidden, into: &flat)
                continue
            }
            guard !hidden.contains(key) else { continue }
            guard entry.value.text != nil, !entry.value.isNull else {
                findings.error(entry.value.place, "`\(key)` wants words, not \(entry.value.kind)")
                continue
            }
            if flat[key] != nil { findings.error(entry.keyPlace, "the text `\(key)` stands here twice") }
            flat[key] = text(entry.value, .words, in: .catalogue)
            messagePlaces[key, default: [:]][language] = entry.keyPlace
        }
    }

    var messageKeys: Set<String> { Set(messagePlaces.keys) }

    /// Finds a key that is unknown, and holes that cannot be filled where it is said.
    func checkMessage(_ key: String, at place: Place, in scope: ReferenceScope) {
        guard messagePlaces[key] != nil else {
            if languages.supported.contains(where: { catalogue.texts[$0]?.isEmpty ?? true }) { return }
            findings.unknown("text", key, at: place, known: messageKeys.sorted())
            return
        }
        var asked: Set<String> = []
        checkHoles(of: key, saidAt: place, in: scope, asked: &asked)
    }

    private func checkHoles(of key: String, saidAt place: Place, in scope: ReferenceScope, asked: inout Set<String>) {
        guard asked.insert(key).inserted else { return }
        for language in languages.supported {
            for part in catalogue.texts[language]?[key]?.allParts ?? [] {
                switch part {
                case .hole(let reference, _), .raw(let reference), .plural(let reference, exact: _, one: _, other: _):
                    guard let lack = scope.lacks(reference.source) else { continue }
                    findings.error(place, "`\(key)` has a hole `{\(reference.written)}` that is never filled here: \(lack)")
                case .parameter(let name):
                    guard !scope.parameters.contains(name) else { continue }
                    let reason = scope.kind == .rule ? "\(scope.what) has none" : "rules alone have parameters"
                    findings.error(place, "`\(key)` has a hole `{\(name)}` that is never filled here: \(reason)")
                case .say(let other, _):
                    if messagePlaces[other] != nil { checkHoles(of: other, saidAt: place, in: scope, asked: &asked) }
                case .literal, .number: break
                }
            }
        }
    }

    /// A key that must be there for a rule or a mail, and is not written in `dialect.yaml` itself.
    func message(_ node: YAMLNode, in scope: ReferenceScope) -> Message? {
        guard let text = node.text else { return nil }
        if text.hasPrefix("$"), node.setting == nil {
            return references.reference(String(text.dropFirst()), at: node.place, in: scope).map(Message.reference)
        }
        checkMessage(text, at: node.place, in: scope)
        return .key(text)
    }

    /// Each language's page or mail part: `NAME.LANG.ENDING` where there is one, else `NAME.ENDING`; nil where neither is.
    func template(
        _ name: String, in folder: String, ending: String, _ surroundings: TextCompiler.Surroundings, in scope: ReferenceScope
    ) -> [String: Text] {
        var texts: [String: Text] = [:]
        for language in languages.supported {
            let own = "\(folder)/\(name).\(language)\(ending)"
            let common = "\(folder)/\(name)\(ending)"
            guard let source = files.source(own) ?? files.source(common) else { continue }
            texts[language] = text(
                source.text, at: Place(file: source.file, line: 1, column: 1), countsLines: true, surroundings, in: scope)
        }
        return texts
    }
}

extension Text {
    /// The parts, those inside plurals included.
    var allParts: [Part] { Self.flat(parts) }

    private static func flat(_ parts: [Part]) -> [Part] {
        parts.flatMap { part -> [Part] in
            guard case .plural(_, let exact, let one, let other) = part else { return [part] }
            return [part] + exact.values.flatMap { flat($0) } + flat(one ?? []) + flat(other)
        }
    }
}
