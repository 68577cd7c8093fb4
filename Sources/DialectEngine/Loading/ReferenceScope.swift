import Identity

/// Where a reference stands, and so what it may refer to.
struct ReferenceScope {
    enum Kind { case answer, page, claims, mail, rule, catalogue }
    var kind: Kind
    /// The groups of facts that are there.
    var groups: Set<FactGroup> = []
    /// As in `$token.access` is not known at WHAT.
    var what: String
    /// The rule's parameters that a message may mention.
    var parameters: Set<String> = []
    /// What `$body` and `$code` stand for in an envelope.
    var bindings: [String: Template]?
    var isInEach = false
    /// The link that the page's form sends back.
    var showsLink = false

    /// Where texts are written that are judged at each of their uses.
    static let catalogue = ReferenceScope(
        kind: .catalogue, groups: Set(FactGroup.allCases), what: "a text", parameters: TextCompiler.parameters, isInEach: true,
        showsLink: true)

    func with(_ change: (inout ReferenceScope) -> Void) -> ReferenceScope {
        var scope = self
        change(&scope)
        return scope
    }

    /// Whether what the source reads is there; if not, a reason: `the outcome … brings no account`.
    func lacks(_ source: Reference.Source) -> String? {
        if kind == .catalogue { return nil }
        switch source {
        case .fact(let fact): return groups.contains(fact.group) ? nil : "\(what) brings no `\(fact.group.rawValue)`"
        case .slot(let slot):
            if slot == .link, !showsLink { return "a link is shown by reset pages alone" }
            return groups.contains(.slot) ? nil : "\(what) brings no `slot`"
        case .errors: return groups.contains(.errors) ? nil : "\(what) brings no `errors`"
        case .error(of: _): return isAnswer ? nil : "errors are told in answers alone"
        case .retrySeconds: return groups.contains(.retry) ? nil : "\(what) brings no `retry`"
        case .allowedMethods: return groups.contains(.allowed) ? nil : "\(what) brings no `allowed`"
        case .httpStatus, .requestMethod, .requestPath, .requestRoute, .message, .code:
            return isAnswer ? nil : "\(what) is no answer"
        case .requestLanguage: return isAnswer || kind == .mail || kind == .rule ? nil : "\(what) has no language"
        case .token: return kind == .claims ? nil : "only claims know it"
        case .links, .link: return kind == .mail ? nil : "only mails know it"
        case .item, .itemMember: return isInEach ? nil : "it stands inside `each` alone"
        case .constant: return nil
        }
    }

    private var isAnswer: Bool { kind == .answer || kind == .page }
}
