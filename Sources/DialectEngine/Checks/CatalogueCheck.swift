import Identity

/// Every text stands in every language, with the same holes, and none says itself.
struct CatalogueCheck {
    let languages: [String]
    let catalogue: MessageCatalogue
    let places: [String: [String: Place]]
    let findings: Findings

    func run() {
        let keys = places.keys.sorted()
        for key in keys {
            guard let places = places[key], let first = languages.first(where: { places[$0] != nil }), let home = places[first] else {
                continue
            }
            let holes = holes(of: key, in: first)
            for language in languages where language != first {
                guard let place = places[language] else {
                    // A language without any text is missing whole, which is told already.
                    if !(catalogue.texts[language]?.isEmpty ?? true) { findings.error(home, "`\(key)` is missing in `\(language)`") }
                    continue
                }
                compare(key, holes, self.holes(of: key, in: language), first, at: place)
            }
            checkCircle(key, at: home)
        }
    }

    private func compare(_ key: String, _ here: Set<String>, _ there: Set<String>, _ first: String, at place: Place) {
        let missing = here.subtracting(there).sorted()
        let more = there.subtracting(here).sorted()
        let lists = [("lacks", missing), ("has", more)].filter { !$0.1.isEmpty }
        guard !lists.isEmpty else { return }
        let words = lists.map { verb, holes in "\(verb) \(holes.map { "`{\($0)}`" }.joined(separator: ", "))" }
        findings.error(place, "`\(key)` has other holes than in `\(first)`: it \(words.joined(separator: " and "))")
    }

    private func holes(of key: String, in language: String) -> Set<String> {
        var holes: Set<String> = []
        for part in catalogue.texts[language]?[key]?.allParts ?? [] {
            switch part {
            case .hole(let reference, _), .raw(let reference), .plural(let reference, exact: _, one: _, other: _):
                // Formatters are the language's own: dates and fallbacks are written in many ways.
                holes.insert(String(reference.written.prefix { $0 != "|" }))
            case .parameter(let name): holes.insert(name)
            case .say(let other, _): holes.insert("say:\(other)")
            case .literal, .number: break
            }
        }
        return holes
    }

    private func checkCircle(_ key: String, at place: Place) {
        var open = said(by: key)
        var seen: Set<String> = []
        while let next = open.popLast() {
            guard next != key else { return findings.error(place, "`\(key)` says itself") }
            guard seen.insert(next).inserted else { continue }
            if places[next] == nil { findings.unknown("text", next, at: place, known: places.keys.sorted()) }
            open += said(by: next)
        }
    }

    private func said(by key: String) -> [String] {
        languages.flatMap { language in
            (catalogue.texts[language]?[key]?.allParts ?? []).compactMap { part in
                if case .say(let other, _) = part { other } else { nil }
            }
        }
    }
}
