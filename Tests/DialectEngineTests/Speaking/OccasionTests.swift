import Identity
import Testing

@testable import DialectEngine

struct OccasionTests {
    private func occasion(_ texts: [String: Text] = [:]) -> Occasion {
        var occasion = Occasion(catalogue: MessageCatalogue(texts: ["en": texts]), language: "en")
        occasion.facts = Facts(account: Sample.account(), token: IssuedTokens(access: "t", expiresIn: 60))
        return occasion
    }

    private static let rules: [String: Text] = [
        "rules.min": Text(
            .literal("The "), .parameter("attribute"), .literal(" must be at least "), .parameter("min"), .literal(" characters.")),
        "rules.same": Text(.parameter("attribute"), .literal(" must match "), .parameter("other")),
        "rules.unique": Text(.parameter("attribute"), .literal(" is taken")),
        "attributes.email": .literal("E-mail"),
    ]

    private static let invalid = Failure(
        .invalid,
        problems: [
            FieldProblem(slot: .password, wireName: "new_password", rule: "min", message: "rules.min", parameters: ["min": .int(8)]),
            FieldProblem(slot: .email, wireName: "email", rule: "unique", message: "rules.unique"),
            FieldProblem(
                slot: .password, wireName: "new_password", rule: "same", message: "rules.same", parameters: ["other": .string("first_name")]
            ),
        ])

    private func json(_ source: Reference.Source, _ formatters: Formatter...) -> String {
        var occasion = occasion(Self.rules)
        occasion.take(Self.invalid, codes: ["min": "too_short", "default": "invalid_field"])
        let reference = Reference(written: "", source: source, formatters: formatters)
        return String(decoding: occasion.json(.reference(reference)), as: UTF8.self)
    }

    @Test func `errors have all layouts`() {
        let short = "The new password must be at least 8 characters."
        #expect(
            json(.errors(.byField)) == #"{"new_password":["\#(short)","new password must match first name"],"email":["E-mail is taken"]}"#)
        #expect(json(.errors(.firstByField)) == #"{"new_password":"\#(short)","email":"E-mail is taken"}"#)
        #expect(json(.errors(.sentences)) == #"["\#(short)","E-mail is taken","new password must match first name"]"#)
        #expect(json(.errors(.sentences), .count) == "3")
        #expect(
            json(.errors(.objects), .first) == #"{"field":"new_password","code":"too_short","message":"\#(short)"}"#)
        #expect(json(.errors(.firstField)) == #""new_password""#)
        #expect(json(.errors(.firstMessage)) == #""\#(short)""#)
        #expect(json(.errors(.firstCode)) == #""too_short""#)
        #expect(json(.errors(.count)) == "3")
        #expect(json(.errors(.more)) == "2")
        #expect(json(.errors(.manyFields)) == "true")
        #expect(json(.error(of: "email")) == #""E-mail is taken""#)
        #expect(json(.error(of: "name")) == "null")
    }

    @Test func `a tree keeps its order, its types and its five kinds of nothing`() {
        let tree = Template.object([
            Template.Member(name: "id", value: .reference(.fact("account.id"))),
            Template.Member(name: "id_text", value: .reference(.fact("account.serial", .string))),
            Template.Member(name: "phone", value: .reference(.fact("account.phone"))),
            Template.Member(name: "absent", optional: true, value: .reference(.fact("account.phone"))),
            Template.Member(name: "there", optional: true, value: .reference(.fact("account.email"))),
            Template.Member(name: "list", value: .list([])), Template.Member(name: "object", value: .object([])),
            Template.Member(name: "text", value: .literal(.string(""))),
            Template.Member(name: "words", value: .text(Text(.literal("\""), .hole(.fact("account.role"), .none)))),
            Template.Member(
                name: "new", value: .choice(when: .fact("account.newcomer"), is: nil, then: .literal(.int(1)), else: .literal(.int(2)))),
            Template.Member(
                name: "role",
                value: .choice(when: .fact("account.role"), is: .string("admin"), then: .literal(.int(1)), else: .literal(.int(2)))),
        ])
        let expected =
            #"{"id":7,"id_text":"7","phone":null,"there":"ana@example.com","list":[],"object":{},"text":"","words":"\"user","new":1,"role":2}"#
        #expect(String(decoding: occasion().json(tree), as: UTF8.self) == expected)
        #expect(String(decoding: JSONWriter.document(occasion().value(of: tree)), as: UTF8.self) == expected)
    }

    @Test func `a list is mapped element by element`() {
        var occasion = occasion(Self.rules)
        occasion.take(Self.invalid)
        let tree = Template.each(.of(.errors(.sentences)), .object([Template.Member(name: "count", value: .reference(.of(.item, .count)))]))
        #expect(String(decoding: occasion.json(tree), as: UTF8.self) == #"[{"count":47},{"count":15},{"count":34}]"#)
    }

    @Test(arguments: [(0, "first"), (1, "first (and 1 more error)"), (2, "first (and 2 more errors)")])
    func `plurals choose by number`(more: Int, expected: String) {
        var occasion = occasion()
        occasion.take(
            Failure(.invalid, problems: (0...more).map { _ in FieldProblem(slot: .email, wireName: "e", rule: "r", message: "first") }))
        let text = Text(
            .hole(.of(.errors(.firstMessage)), .none),
            .plural(
                .of(.errors(.more)), exact: [0: []], one: [.literal(" (and "), .number, .literal(" more error)")],
                other: [.literal(" (and "), .number, .literal(" more errors)")]))
        #expect(occasion.words(text) == expected)
    }

    @Test func `texts say other texts, and a circle ends`() {
        let occasion = occasion([
            "hello": Text(.literal("Hello <"), .hole(.fact("account.role"), .none), .literal(">")), "a": Text(.say("b", .none)),
            "b": Text(.say("a", .none)),
        ])
        #expect(occasion.words(Text(.say("hello", .html), .say("hello", .none))) == "Hello &lt;user&gt;Hello <user>")
        #expect(occasion.said("a") == "a")
        #expect(occasion.said("unknown.key") == "unknown.key")
    }

    @Test(arguments: [
        (Text.Escaping.none, "a\"<b>'&\r\n\u{85}c"), (.html, "a&quot;&lt;b&gt;&#39;&amp;\r\n\u{85}c"),
        (.htmlText, "a\"&lt;b&gt;'&amp;\r\n\u{85}c"),
        (.url, "a%22%3Cb%3E%27%26%0D%0A%C2%85c"), (.header, "a\"<b>'&c"),
    ])
    func `holes are escaped for where they stand`(escaping: Text.Escaping, expected: String) {
        var occasion = occasion()
        occasion.message = "a\"<b>'&\r\n\u{85}c"
        #expect(occasion.words(Text(.hole(.of(.message), escaping))) == expected)
    }

    @Test func `claims are written from the facts of a token`() {
        let claims = Template.object([
            Template.Member(
                name: "iss", value: .text(Text(.hole(.of(.token(.issuer)), .none), .hole(.of(.token(.path)), .none)))),
            Template.Member(name: "sub", value: .reference(.fact("account.serial", .string))),
            Template.Member(name: "aud", value: .literal(.null)),
            Template.Member(name: "iat", value: .reference(.of(.token(.issuedAt)))),
            Template.Member(name: "exp", value: .reference(.of(.token(.expiresAt)))),
            Template.Member(name: "jti", value: .reference(.of(.token(.jti)))),
        ])
        let profile = Sample.token(claims: claims).profile(purpose: .access)
        let facts = TokenFacts(account: Sample.account(), issuedAt: 1, expiresAt: 2, jti: "j", issuer: "https://a", path: "/in")
        #expect(
            String(decoding: profile.claims(facts), as: UTF8.self)
                == #"{"iss":"https://a/in","sub":"7","aud":null,"iat":1,"exp":2,"jti":"j"}"#)
    }
}
