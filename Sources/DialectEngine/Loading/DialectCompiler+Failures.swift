import Identity

/// The words for failures as the file has them, before routes inherit them.
struct FailureWords {
    var general: [FailureKind: AnswerPart] = [:]
    var atOperation: [OperationName: [FailureKind: AnswerPart]] = [:]
}

/// All that an answer to a failure is made of.
struct FinishedAnswer: Hashable {
    /// The words that merge, the broadest first.
    var parts: [Int]
    var kind: FailureKind
    var showsLink: Bool
}

extension DialectCompiler {
    func readFailures() -> FailureWords {
        var words = FailureWords()
        for entry in tree["failures"]?.entries ?? [] {
            guard let kind = FailureKind(rawValue: entry.key) else { continue }
            let own = entry.value.entries?.filter { $0.key != "at" }
            if own?.isEmpty != true, !entry.value.isNull {
                var node = entry.value
                if let own { node.content = .map(own) }
                words.general[kind] = part(node, in: scope(of: kind, "the failure `\(kind.rawValue)`"))
            }
            for place in entry.value["at"]?.entries ?? [] {
                guard let operation = OperationName(rawValue: place.key) else { continue }
                let scope = scope(of: kind, "the failure `\(kind.rawValue)` at `\(operation.rawValue)`", at: operation)
                words.atOperation[operation, default: [:]][kind] = part(place.value, in: scope)
            }
        }
        return words
    }

    /// A route's or guard's own words.
    func readOwnFailures(_ node: YAMLNode?, at operation: OperationName?, of owner: String) -> [FailureKind: AnswerPart] {
        var words: [FailureKind: AnswerPart] = [:]
        for entry in node?.entries ?? [] {
            guard let kind = FailureKind(rawValue: entry.key) else { continue }
            words[kind] = part(entry.value, in: scope(of: kind, "the failure `\(kind.rawValue)` of \(owner)", at: operation))
        }
        return words
    }

    private func scope(of kind: FailureKind, _ what: String, at operation: OperationName? = nil) -> ReferenceScope {
        ReferenceScope(
            kind: .answer, groups: kind.facts.union([.slot]), what: what,
            showsLink: operation == .passwordReset || operation == .passwordResetPage)
    }

    /// The answers to all failures that the words reach, and a finding for each of those needed that they do not.
    ///
    /// What is wrong is told of the words that were written, once, and not of each kind that inherits them.
    /// Within a table the words of a kind's whole lineage merge, from the root down; a narrower table then speaks over the broader.
    func resolve(
        _ tables: [[FailureKind: AnswerPart]], needing kinds: Set<FailureKind>, at operation: OperationName?, place: Place, of owner: String
    ) -> [FailureKind: Answer] {
        var answers: [FailureKind: Answer] = [:]
        var unworded: [String] = []
        for kind in FailureKind.allCases {
            let parts = tables.flatMap { table in kind.lineage.compactMap { ancestor in table[ancestor].map { (ancestor, $0) } } }
            guard let (source, last) = parts.last else {
                if kinds.contains(kind) { unworded.append(kind.rawValue) }
                continue
            }
            let merged = merge(parts.map(\.1))
            guard kinds.contains(kind) || merged.allSatisfy({ $0.status != nil }) else { continue }
            let scope = scope(of: kind, "the failure `\(source.rawValue)`", at: operation)
            let name = FinishedAnswer(parts: parts.map(\.1.number), kind: kind, showsLink: scope.showsLink)
            let answer = finished[name] ?? finish(merged, standard: "failed", at: last.place, in: scope)
            finished[name] = answer
            answers[kind] = answer
        }
        if !unworded.isEmpty, tree["failures"] != nil {
            findings.error(
                place, "\(owner) can meet \(unworded.map { "`\($0)`" }.joined(separator: ", ")), and `failures` has no words for it")
        }
        return answers
    }

    /// Each over those before it.
    private func merge(_ parts: [AnswerPart]) -> [AnswerPart.Variant] {
        let name = parts.map(\.number)
        if let known = merged[name] { return known }
        let variants = parts.reduce([]) { merge($1.variants, over: $0) }
        merged[name] = variants
        return variants
    }

    /// For what is refused before a route is known.
    func unroutedAnswers(_ words: FailureWords) -> [FailureKind: Answer] {
        var needed: Set<FailureKind> = [.notFound, .methodNotAllowed, .malformed, .tooLarge, .rateLimited, .internal, .unavailable]
        let refusals = (tree["limits"]?.items ?? []).map { $0.choice("refusal", Limit.Refusal.rateLimited) }
        needed.formUnion(refusals.map(\.kind))
        return resolve(
            [words.general], needing: needed, at: nil, place: tree["failures"]?.place ?? tree.place, of: "a request that meets no route")
    }
}
