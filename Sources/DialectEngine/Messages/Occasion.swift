package import Identity

/// Everything that words and bodies may refer to at one moment: what became of a request, of a token or of a mail.
package struct Occasion: Sendable {
    /// The texts of the language at hand, by key.
    package var texts: [String: Text]
    package var language: String
    package var facts = Facts()
    /// What the client sent; where the facts have the same slot, theirs counts.
    package var slots: [Slot: SlotValue] = [:]
    package var failure: Failure?
    /// What `$errors` calls a rule.
    package var codes: [String: String] = [:]
    package var method = ""
    package var path = ""
    package var status = 0
    package var message = ""
    package var code = Value.null
    package var token: TokenFacts?
    /// The base of mailed links, and the link of the mail being written.
    package var links = ""
    package var link = ""
    /// Whether values stand among the lines of a mail, one line each.
    var isMail = false
    /// The element at hand inside `each`.
    var item = Value.null
    /// The holes of the rule's message that is being written.
    var parameters: [String: Value] = [:]
    /// The texts of the failure's problems, in their order.
    private(set) var sentences: [String] = []

    /// An occasion in a language of the catalogue.
    package init(catalogue: MessageCatalogue, language: String) {
        self.texts = catalogue.texts[language] ?? [:]
        self.language = language
    }

    /// Takes a failure and puts its problems into words.
    package mutating func take(_ failure: Failure, codes: [String: String] = [:]) {
        self.failure = failure
        self.codes = codes
        if let usage = failure.usage { facts.usage = usage }
        sentences = failure.problems.map { sentence(for: $0) }
    }

    /// The value that a reference stands for, formatters applied.
    package func value(of reference: Reference) -> Value {
        var value = value(of: reference.source)
        for formatter in reference.formatters { value = formatter.applied(to: value) }
        return value
    }

    private func value(of source: Reference.Source) -> Value {
        switch source {
        case .fact(let fact): fact.read(facts)
        case .slot(let slot): (facts.slots[slot] ?? slots[slot])?.value ?? .null
        case .errors(let fact): value(of: fact)
        case .error(let field): problems.firstIndex { $0.wireName == field }.map { .string(sentences[$0]) } ?? .null
        case .retrySeconds: failure?.retryAfter.map { .int($0.secondsRoundedUp) } ?? .null
        case .allowedMethods: .list((failure?.allowed ?? []).map(Value.string))
        case .httpStatus: .int(Int64(status))
        case .requestMethod: .string(method)
        case .requestPath: .string(path)
        case .requestRoute: .string(path.hasPrefix("/") ? String(path.dropFirst()) : path)
        case .requestLanguage: .string(language)
        case .message: .string(message)
        case .code: code
        case .constant(let value): value
        case .token(let fact): value(of: fact)
        case .links: .string(links)
        case .link: .string(link)
        case .item: item
        case .itemMember(let name): item[name] ?? .null
        }
    }

    private func value(of fact: Reference.TokenFact) -> Value {
        guard let token else { return .null }
        return switch fact {
        case .issuedAt: .int(token.issuedAt)
        case .expiresAt: .int(token.expiresAt)
        case .jti: .string(token.jti)
        case .issuer: .string(token.issuer)
        case .path: .string(token.path)
        }
    }
}

// MARK: Errors

extension Occasion {
    private var problems: [FieldProblem] { failure?.problems ?? [] }

    private func value(of fact: Reference.ErrorsFact) -> Value {
        switch fact {
        case .byField: byField { .list($0.map(Value.string)) }
        case .firstByField: byField { .string($0[0]) }
        case .sentences: .list(sentences.map(Value.string))
        case .objects: .list(problems.indices.map(object))
        case .firstField: problems.first.map { .string($0.wireName) } ?? .null
        case .firstMessage: sentences.first.map(Value.string) ?? .null
        case .firstCode: problems.first.map { .string(code(of: $0)) } ?? .null
        case .count: .int(Int64(problems.count))
        case .more: .int(Int64(max(0, problems.count - 1)))
        case .manyFields: .bool(problems.contains { $0.wireName != problems[0].wireName })
        }
    }

    /// The failing fields in the order of their first problem, each with its texts.
    private func byField(_ value: ([String]) -> Value) -> Value {
        var names: [String] = []
        var texts: [String: [String]] = [:]
        for (problem, sentence) in zip(problems, sentences) {
            if texts[problem.wireName] == nil { names.append(problem.wireName) }
            texts[problem.wireName, default: []].append(sentence)
        }
        return .object(names.map { Value.Member($0, value(texts[$0] ?? [""])) })
    }

    private func object(at index: Int) -> Value {
        let problem = problems[index]
        return .object([
            Value.Member("field", .string(problem.wireName)), Value.Member("code", .string(code(of: problem))),
            Value.Member("message", .string(sentences[index])),
        ])
    }

    private func code(of problem: FieldProblem) -> String {
        codes[problem.rule] ?? codes["default"] ?? problem.rule
    }

    private func sentence(for problem: FieldProblem) -> String {
        var occasion = self
        occasion.parameters = problem.parameters
        occasion.parameters["attribute"] = .string(label(of: problem.wireName))
        if let other = problem.parameters["other"]?.string { occasion.parameters["other"] = .string(label(of: other)) }
        return occasion.said(problem.message)
    }

    /// What a field is called: its text under `attributes`, else its name with spaces.
    private func label(of field: String) -> String {
        guard texts["attributes.\(field)"] != nil else { return field.split(separator: "_").joined(separator: " ") }
        return said("attributes.\(field)")
    }
}
