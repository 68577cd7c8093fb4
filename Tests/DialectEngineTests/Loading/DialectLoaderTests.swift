import DialectEngine
import Identity
import Testing

struct DialectLoaderTests {
    @Test func `a folder without a dialect is told, not thrown`() {
        guard case .failure(let report) = DialectLoader.load(folder: "/nowhere/at/all") else { return #expect(Bool(false)) }
        #expect(report.rendered == "/nowhere/at/all/dialect.yaml:1:1: error: there is no such file, or it cannot be read\n")
    }

    @Test func `a file that is not UTF-8 is told by its name`() {
        let files = DialectFiles(bytes: ["dialect.yaml": Array("dialect: x\n".utf8), "locales/en.yaml": [0x61, 0xFF]])
        #expect(DialectLoader.load(files).report.rendered.contains("locales/en.yaml:1:1: error: is no UTF-8"))
    }

    @Test(arguments: [
        "", "# nothing\n", "[]", "just words", "a: {b: [", "\u{FEFF}dialect: x\n", "a: b\n---\nc: d\n", "? [1]\n: 2\n", "\u{0}",
    ])
    func `nonsense is refused and never traps`(_ text: String) {
        #expect(!DialectLoader.load(DialectFiles(texts: ["dialect.yaml": text])).report.errors.isEmpty)
    }

    @Test func `dialects that extend each other in a circle are refused`() {
        let files = DialectFiles(texts: ["dialect.yaml": "dialect: a\nextends: a\n"])
        let report = DialectLoader.load(files) { _ in files }.report
        #expect(report.rendered.contains("the dialects extend each other in a circle"))
    }

    @Test func `scalars mean what the key's type says`() throws {
        let dialect = try SmallDialect(
            "title: no\nviews:\n  user: { a: no, b: true, c: 0123, d: \"5\", e: 5, f: 1.50, g: null, h: ~, i: 1:30, j: $$x }\n"
        ).loaded()
        #expect(dialect.title == "no")
        let route = try #require(dialect.routes.first { $0.name == "GET /me" })
        guard case .json(let body)? = route.outcomes[.found]?.variants.first?.body else { return #expect(Bool(false)) }
        #expect(
            body.shown
                == #"{data: {id: $account.id, email: $account.email, a: "no", b: true, c: "0123", d: "5", e: 5, f: 1.50, g: null, h: null, i: "1:30", j: "$x"}}"#
        )
    }

    // MARK: Inheritance

    @Test func `maps merge, routes merge by name, lists are replaced, and what is removed is gone`() throws {
        let small = SmallDialect(
            """
            remove: [GET /me, account.attributes.nickname, mails.password-changed]
            headers: { X: y }
            routes:
              - POST /users:
                  name: join
                  take: { role: role }
                  rules: { email: [required] }
              - GET /health:
                  operation: static
                  answered: { status: 200, envelope: none }
            guards: []
            """)
        // The route still takes the attribute that was removed.
        #expect(small.outcome.report.rendered.contains("unknown slot of `register` `nickname`"))
        let other = try SmallDialect(
            "remove: [GET /me]\nroutes:\n  - GET /health:\n      operation: static\n      answered: { status: 200, envelope: none }\nguards: []\n"
        ).loaded()
        #expect(other.routes.map(\.name) == ["POST /users", "POST /login", "POST /reset", "PUT /reset", "GET /health"])
        #expect(other.guards.isEmpty)
        #expect(other.name == "small")
        #expect(other.title == "The base of the invalid cases")
    }

    @Test func `texts, mails and pages of one's own hide the other dialect's, the rest are taken over`() throws {
        let dialect = try SmallDialect(
            "", texts: ["locales/en.yaml": "sign_in: Knock first.\nmore: yes\n", "mail/reset.txt": "{link}"]
        ).loaded()
        let texts = try #require(dialect.catalogue.texts["en"])
        #expect(texts["sign_in"]?.shown == "'Knock first.'")
        #expect(texts["more"]?.shown == "'yes'")
        #expect(texts["bad_login"]?.shown == "'E-mail or password is wrong.'")
        #expect(dialect.mails[.reset]?.text["en"]?.shown == "'{link!none}'")
        #expect(dialect.mails[.reset]?.html["en"]?.shown.contains("{link!html}") == true)
    }

    // MARK: Settings

    @Test func `settings are typed, range-checked, and decide branches when loaded`() throws {
        let yaml = """
            settings:
              flavour: { type: choice, of: [plain, rich], default: plain, about: "which" }
              top: { type: bool, default: false, about: "a member more" }
              least: { type: int, range: 8...20, default: 8, about: "shortest password" }
            rules: { new-password: [required, { min: $settings.least }, uncommon] }
            routes:
              - GET /me:
                  found: { status: { when: $settings.flavour, is: rich, then: 203, else: 200 }, body: { n: $settings.least, m?: { when: $settings.top, then: $account.id }, t: { text: "{settings.flavour}" } } }

            """
        func body(_ settings: [String: String]) throws -> (Int, String) {
            let route = try SmallDialect(yaml, settings: settings).route("GET /me")
            let variant = try #require(route.outcomes[.found]?.variants.first)
            guard case .json(let body) = variant.body else { return (0, "") }
            return (variant.status, body.shown)
        }
        #expect(try body([:]) == (200, "{data: {n: 8, m?: null, t: '{settings.flavour!none}'}}"))
        #expect(
            try body(["flavour": "rich", "top": "true", "least": "12"]) == (
                203, "{data: {n: 12, m?: $account.id, t: '{settings.flavour!none}'}}"
            ))
        let refused = SmallDialect(yaml, settings: ["flavour": "ritch", "top": "yes", "least": "7", "unknown": "x"]).outcome.report.rendered
        for words in [
            "is one of plain, rich, not `ritch`", "did you mean `rich`?", "is `true` or `false`, not `yes`",
            "lies in 8...20, and `7` does not",
            "unknown setting `unknown`",
        ] { #expect(refused.contains(words), "\(words)") }
        #expect(try SmallDialect(yaml, settings: ["least": "12"]).loaded().settings.first { $0.name == "least" }?.chosen == "12")
    }

    // MARK: Paths

    @Test func `routes and guards are served under every base path, each with the locale behind it`() throws {
        let dialect = try SmallDialect(
            """
            base-paths: ["", /api/v1]
            locale-paths: true
            routes:
              - GET /only/{id}:
                  operation: static
                  under: [""]
                  aliases: ["/once/{id}"]
                  answered: { status: 200, envelope: none }

            """
        ).loaded()
        let me = try #require(dialect.routes.first { $0.name == "GET /me" })
        #expect(
            me.paths.map(\.segments) == [
                [.literal("me")], [.locale, .literal("me")], [.literal("api"), .literal("v1"), .literal("me")],
                [.literal("api"), .literal("v1"), .locale, .literal("me")],
            ])
        let only = try #require(dialect.routes.first { $0.name == "GET /only/{id}" })
        #expect(
            only.paths.map(\.segments) == [
                [.literal("only"), .parameter("id")], [.locale, .literal("only"), .parameter("id")], [.literal("once"), .parameter("id")],
                [.locale, .literal("once"), .parameter("id")],
            ])
        #expect(dialect.guards[0].paths.map(\.segments).last == [.literal("api"), .literal("v1"), .locale, .literal("notes"), .rest])
    }
}
