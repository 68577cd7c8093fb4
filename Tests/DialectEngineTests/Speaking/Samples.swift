import Identity

@testable import DialectEngine

/// Small dialects made by hand.
enum Sample {
    static let place = Place(file: "dialect.yaml", line: 1, column: 1)

    static func dialect(
        routes: [Route] = [], guards: [Guard] = [], languages: Languages = Sample.languages(), bodies: BodyPolicy = Sample.bodies(),
        credentials: CredentialPolicy = Sample.credentials(), texts: [String: [String: Text]] = ["en": [:]],
        unrouted: [FailureKind: Answer] = [:], cors: CORSPolicy? = nil, mails: [NoticeKind: MailTemplate] = [:],
        headers: [HeaderTemplate] = []
    ) -> Dialect {
        Dialect(
            name: "sample", version: 1, title: "Sample", languages: languages, bodies: bodies, policy: Policy(), access: token(),
            refresh: nil,
            apiKeys: nil, credentials: credentials, catalogue: MessageCatalogue(texts: texts), routes: routes,
            failures: FailureAnswers(general: [:], atOperation: [:], unrouted: unrouted), guards: guards, limits: [], cors: cors,
            mails: mails,
            headers: headers, settings: [], weaknesses: [])
    }

    static func languages(
        _ supported: [String] = ["en"], from: [Languages.Source] = [], name: String = "lang", announced: Bool = false
    ) -> Languages {
        Languages(standard: supported[0], supported: supported, from: from, name: name, announced: announced)
    }

    static func bodies(
        _ kinds: Set<BodyPolicy.Kind> = [.json, .form, .multipart], root: String? = nil, verdict: BodyPolicy.Verdict = .refuse,
        trimming: BodyPolicy.Trimming = .none, blank: Set<Slot> = []
    ) -> BodyPolicy {
        BodyPolicy(
            kinds: kinds, root: root, limit: 1 << 20, malformed: verdict, otherType: verdict, notObject: verdict, hostile: verdict,
            trimming: trimming, blank: blank)
    }

    static func credentials(
        _ kinds: Set<CredentialKind> = [.bearer], header: String? = nil, keyWins: Bool = false, foreign: [String] = []
    ) -> CredentialPolicy {
        CredentialPolicy(kinds: kinds, apiKeyHeader: header, keyWins: keyWins, foreignKeyPrefixes: foreign)
    }

    static func token(claims: Template = .object([])) -> TokenTemplate {
        TokenTemplate(
            algorithm: "HS256", lifetime: .seconds(1800), header: Array(#"{"alg":"HS256"}"#.utf8), claims: claims, jti: nil, subject: "sub",
            subjectCodec: .serial, required: [], constants: [:], leeway: .seconds(60))
    }

    static func route(
        _ method: String, _ paths: String..., operation: OperationName = .login, slots: [SlotSource] = [],
        outcomes: [Outcome: Answer] = [:],
        answers: [FailureKind: Answer] = [:], methodField: String? = nil, when: [Discriminator] = [], codes: [String: String] = [:],
        kinds: Set<CredentialKind> = [.bearer]
    ) -> Route {
        Route(
            name: "\(method) \(paths[0])", methods: method.split(separator: ",").map(String.init), paths: paths.map(path),
            operation: operation,
            need: .none, kinds: kinds, roles: nil, slots: slots, rules: [], validation: Validation(), codes: codes, outcomes: outcomes,
            failures: [:], methodField: methodField, discriminators: when, place: place, answers: answers)
    }

    static func gate(
        _ paths: String..., methods: [String] = [], kinds: Set<CredentialKind> = [.bearer], foreignKeys: Bool = false,
        allow: Guard.Allow = .signedIn
    ) -> Guard {
        Guard(
            name: paths[0], methods: methods, paths: paths.map(guardPath), allow: allow, kinds: kinds, foreignKeys: foreignKeys,
            upstream: "app", countsUsage: false, place: place, answers: [:])
    }

    static func slot(
        _ slot: Slot, _ sources: SlotSource.Source..., as name: String? = nil, kind: Attribute.Kind = .string, lenient: Bool = false,
        max: Int? = nil
    ) -> SlotSource {
        SlotSource(slot: slot, sources: sources, wireName: name ?? slot.rawValue, lenient: lenient, kind: kind, lenientMax: max)
    }

    static func field(_ slot: Slot) -> SlotSource { self.slot(slot, .body([slot.rawValue])) }

    /// `/users/{id}`, `{locale}` being the locale's place.
    static func path(_ text: String) -> PathPattern {
        PathPattern(
            segments: text.split(separator: "/").map { segment in
                if segment == "{locale}" { return .locale }
                return segment.hasPrefix("{") ? .parameter(String(segment.dropFirst().dropLast())) : .literal(String(segment))
            })
    }

    static func guardPath(_ text: String) -> GuardPath {
        GuardPath(
            segments: text.split(separator: "/").map { segment in
                switch segment {
                case "{locale}": .locale
                case "*": .one
                case "**": .rest
                default: segment.hasSuffix(".*") ? .suffixed(String(segment.dropLast(2))) : .literal(String(segment))
                }
            })
    }

    static func answer(
        _ status: Int = 200, _ body: AnswerVariant.Body = .empty, message: Message? = nil, code: Template? = nil,
        when conditions: [AnswerCondition] = [], headers: [HeaderTemplate] = [], cookies: [CookieTemplate] = []
    ) -> AnswerVariant {
        AnswerVariant(conditions: conditions, status: status, headers: headers, cookies: cookies, message: message, code: code, body: body)
    }

    static func account(email: String = "ana@example.com") -> AccountFacts {
        let id = AccountID(high: 0x0192_0000_0000_7000, low: 0x8000_0000_0000_0001)
        var account = Account(id: id, realm: "r", serial: 7, email: email, role: "user", createdAt: Instant(seconds: 1_704_067_200))
        account.attributes["name"] = .string("Ana")
        return AccountFacts(account: account, wireID: .int(7), isNewcomer: true)
    }
}

extension Answer {
    init(_ variant: AnswerVariant) { self.init(variants: [variant]) }
}

extension Reference {
    /// A fact by its name (`account.email`), formatters behind.
    static func fact(_ name: String, _ formatters: Formatter...) -> Reference {
        let fact = Fact.all.first { $0.name == name } ?? Fact(name, .account, .string) { _ in .string("no fact \(name)") }
        return Reference(written: name, source: .fact(fact), formatters: formatters)
    }

    static func of(_ source: Source, _ formatters: Formatter...) -> Reference {
        Reference(written: "", source: source, formatters: formatters)
    }
}

extension Text {
    init(_ parts: Part...) { self.init(parts: parts) }
    static func literal(_ words: String) -> Text { Text(parts: [.literal(words)]) }
}

extension WireRequest {
    static func json(_ method: String, _ path: String, _ body: String, headers: [(name: String, value: String)] = []) -> WireRequest {
        WireRequest(method: method, path: path, headers: [("content-type", "application/json")] + headers, body: Array(body.utf8))
    }

    static func form(_ method: String, _ path: String, _ body: String) -> WireRequest {
        WireRequest(method: method, path: path, headers: [("content-type", "application/x-www-form-urlencoded")], body: Array(body.utf8))
    }

    static func get(_ path: String, query: String? = nil, headers: [(name: String, value: String)] = []) -> WireRequest {
        WireRequest(method: "GET", path: path, query: query, headers: headers)
    }
}

extension WireResponse {
    var text: String { String(decoding: body, as: UTF8.self) }
    func value(_ name: String) -> String? { headers.first { $0.name.lowercased() == name.lowercased() }?.value }
    func values(_ name: String) -> [String] { headers.filter { $0.name.lowercased() == name.lowercased() }.map(\.value) }
}
