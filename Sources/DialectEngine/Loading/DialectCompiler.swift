import Identity

/// One load at work: the tree, what has been compiled so far, and what was found.
///
/// Each section is compiled by an extension of its own, and
/// a fault in one leaves the others to be judged.
final class DialectCompiler {
    let tree: YAMLNode
    let files: DialectFiles
    let findings: Findings
    let settings: SettingsTable

    var languages = Languages(standard: "", supported: [], from: [], name: "lang", announced: false)
    var policy = Policy()
    /// Where in the file an attribute is declared, for the checks.
    var enums: [String: [String: String]] = [:]
    var views: [String: YAMLNode] = [:]
    var envelopes: [String: YAMLNode] = [:]
    var ruleLists: [String: YAMLNode] = [:]
    var catalogue = MessageCatalogue(texts: [:])
    var messagePlaces: [String: [String: Place]] = [:]
    var references: ReferenceCompiler
    var viewsBeingRead: [String] = []
    /// How many answers have been read as they were written.
    var parts = 0
    /// What has been resolved already, as most routes inherit the words for most failures.
    var merged: [[Int]: [AnswerPart.Variant]] = [:]
    var finished: [FinishedAnswer: Answer] = [:]
    /// Which envelopes cannot do without which reference.
    var mentions: [String: [String: Bool]] = [:]
    var weaknesses: [String] = []

    init(tree: YAMLNode, files: DialectFiles, settings: SettingsTable, findings: Findings) {
        self.tree = tree
        self.files = files
        self.settings = settings
        self.findings = findings
        references = ReferenceCompiler(findings: findings, facts: [:], slots: [], settings: [:], enums: [:])
    }

    /// Compiles every section; the result is sound only if nothing was found that is an error.
    func compile() -> Dialect? {
        readLanguages()
        policy = readPolicy()
        readTables()
        references = ReferenceCompiler(
            findings: findings, facts: facts, slots: Set(Slot.known + policy.attributes.map { Slot($0.name) }),
            settings: settingValues, enums: enums)
        catalogue = readCatalogue()
        checkViews()
        let bodies = readBodies()
        let credentials = readCredentials()
        let failures = readFailures()
        let routes = readRoutes(failures: failures, credentials: credentials)
        let guards = readGuards(failures: failures, credentials: credentials)
        let unrouted = unroutedAnswers(failures)
        let mails = readMails(routes: routes)
        let access = readToken("access")
        let refresh = readToken("refresh")
        let dialect = Dialect(
            name: tree.string("dialect") ?? "", version: tree.int("version") ?? 1, title: tree.string("title") ?? "", languages: languages,
            bodies: bodies, policy: policy, access: access ?? .unknown, refresh: refresh, apiKeys: readAPIKeys(), credentials: credentials,
            catalogue: catalogue, routes: routes,
            failures: FailureAnswers(general: failures.general, atOperation: failures.atOperation, unrouted: unrouted), guards: guards,
            limits: readLimits(routes: routes), cors: readCORS(), mails: mails,
            headers: readHeaders(tree["headers"], in: ReferenceScope(kind: .answer, what: "every answer")), settings: settings.settings,
            weaknesses: [])
        check(dialect)
        guard !findings.hasErrors else { return nil }
        return dialect
    }

    private var facts: [String: Fact] {
        var facts = Dictionary(uniqueKeysWithValues: Fact.all.map { ($0.name, $0) })
        for attribute in policy.attributes {
            let fact = Fact.attribute(attribute)
            facts[fact.name] = fact
        }
        return facts
    }

    private var settingValues: [String: Value] {
        var values: [String: Value] = [:]
        for name in settings.names {
            guard let content = settings.content(of: name) else { continue }
            values[name] = YAMLNode(content, at: tree.place).literal
        }
        return values
    }

    func text(_ node: YAMLNode, _ surroundings: TextCompiler.Surroundings, in scope: ReferenceScope) -> Text {
        text(node.text ?? "", at: node.place, countsLines: false, surroundings, in: scope)
    }

    /// Words with holes; texts that it says are checked for being known and sayable here.
    func text(
        _ words: String, at place: Place, countsLines: Bool, _ surroundings: TextCompiler.Surroundings, in scope: ReferenceScope
    ) -> Text {
        var compiler = TextCompiler(
            words, at: place, countsLines: countsLines, surroundings: surroundings, references: references, scope: scope)
        let text = compiler.compile()
        if scope.kind != .catalogue {
            for said in compiler.said { checkMessage(said.key, at: said.place, in: scope) }
        }
        return text
    }
}

extension TokenTemplate {
    /// Stands in while a load goes on that has failed already.
    fileprivate static let unknown = TokenTemplate(
        algorithm: "", lifetime: .zero, header: [], claims: .literal(.null), jti: nil, subject: "", subjectCodec: .uuid, required: [],
        constants: [:], leeway: .zero)
}
