import Identity
import Testing

@testable import DialectEngine

/// What single sections become.
struct CompiledPartsTests {
    @Test func `slots know their sources, wire names, kinds and leniency`() throws {
        let route = try SmallDialect(
            """
            account: { attributes: { age: { type: int } } }
            routes:
              - POST /users/{tribe}:
                  operation: register
                  take:
                    email: user.contact.email
                    password: [header.X-Password, query.password, password]
                    nickname: { from: path.tribe, as: tribe, lenient: true, max: 9 }
                    age: cookie.age
                  give: { role: member }
                  rules:
                    - email: [required, { email: dotted }]
                    - password: { use: new-password }
                    - nickname: { max: 9, say: rules.uncommon }
                    - email: unique
                  registered: { status: 201 }

            """
        ).route("POST /users/{tribe}")
        #expect(
            route.slots == [
                SlotSource(slot: .email, sources: [.body(["user", "contact", "email"])], wireName: "email", lenient: false, kind: .string),
                SlotSource(
                    slot: .password, sources: [.header("x-password"), .query("password"), .body(["password"])], wireName: "X-Password",
                    lenient: false, kind: .string),
                SlotSource(
                    slot: Slot("nickname"), sources: [.path("tribe")], wireName: "tribe", lenient: true, kind: .string, lenientMax: 9),
                SlotSource(slot: Slot("age"), sources: [.cookie("age")], wireName: "age", lenient: false, kind: .int),
                SlotSource(slot: .role, sources: [.constant(.string("member"))], wireName: "role", lenient: false, kind: .string),
            ])
        #expect(
            route.rules.map { "\($0.wireName) \($0.check.name) \($0.message)" } == [
                "email required rules.required", "email email rules.email", "X-Password required rules.required",
                "X-Password min rules.min",
                "X-Password uncommon rules.uncommon", "tribe max rules.uncommon", "email unique rules.unique",
            ])
    }

    @Test func `codes, validation, callers and credentials go from the dialect to the route`() throws {
        let dialect = try SmallDialect(
            """
            codes: { required: missing, default: bad }
            validation: { order: staged, report: first }
            credentials: { kinds: [bearer, api-key], api-key-header: X-Key }
            api-keys: { prefix: k_ }
            routes:
              - POST /login:
                  codes: { required: gone }
                  validation: { report: all, wrong-type: also }
              - GET /me:
                  credentials: [api-key]
                  roles: [chief]

            """
        ).loaded()
        let login = try #require(dialect.routes.first { $0.name == "POST /login" })
        #expect(login.codes == ["required": "gone", "default": "bad"])
        #expect(login.validation == Validation(order: .staged, wrongType: .also, report: .all))
        #expect(login.kinds == [.bearer, .apiKey])
        let me = try #require(dialect.routes.first { $0.name == "GET /me" })
        #expect(me.kinds == [.apiKey])
        #expect(me.roles == ["chief"])
        #expect(me.need == .required)
        #expect(dialect.credentials.apiKeyHeader == "x-key")
        #expect(dialect.apiKeys == APIKeyForm(prefix: "k_", hexDigits: 64))
    }

    @Test func `a token's header, claims, subject and constants are as written`() throws {
        let token = try SmallDialect(
            """
            remove: [tokens.access.claims]
            account: { id: { prefix: u_, of: cuid } }
            tokens:
              access:
                header: { v: 2 }
                claims: { iss: { text: "{issuer}{path}" }, mail: $account.email, n: $account.serial|string, id: $account.id, kind: x, aud: null, iat: $iat, exp: $exp, jti: $jti }
                jti: { alphanumeric: 16 }
                required: [iss, kind, mail, n, id, iat, jti]

            """
        ).loaded().access
        #expect(String(decoding: token.header, as: UTF8.self) == #"{"alg":"HS256","v":2}"#)
        #expect(token.subject == "n")
        #expect(token.subjectCodec == .serial)
        #expect(token.constants == ["kind": .string("x")])
        #expect(token.jti == .alphanumeric(16))
        #expect(
            token.required == [
                .init("iss", .string), .init("kind", .string), .init("mail", .string), .init("n", .stringOrInteger),
                .init("id", .stringOrInteger), .init("iat", .integer), .init("jti", .string),
            ])
        #expect(
            token.claims.shown
                == #"{iss: '{issuer!none}{path!none}', mail: $account.email, n: $account.serial|string, id: $account.id, kind: "x", aud: null, iat: $iat, exp: $exp, jti: $jti}"#
        )
    }

    @Test(arguments: [
        ("{account.email}", "'{account.email!none}'"),
        ("a { b } {{c} {", "'a { b } {c} {'"),
        ("{account.nickname|default:{}", "'{account.nickname|default:{!none}'"),
        ("{account.id|prefix:x|upper}!", "'{account.id|prefix:x|upper!none}!'"),
        ("{say:internal}, {settings.lifetime}", "'{say:internal!none}, {settings.lifetime!none}'"),
        ("{account.serial, plural, =0 {none} one {# {account.email}} other {#s}}", "'{account.serial, [0] '# {account.email!none}' '#s'}'"),
        ("{account.created_at|date:dd/MM/yyyy}", "'{account.created_at|date:dd/MM/yyyy!none}'"),
    ])
    func `a text is read into its parts`(_ written: String, _ shown: String) throws {
        let yaml = "routes:\n  - GET /me:\n      found: { status: 200, envelope: none, body: { text: '\(written)' } }\n"
        let route = try SmallDialect(yaml).route("GET /me")
        guard case .json(let body)? = route.outcomes[.found]?.variants.first?.body else { return #expect(Bool(false)) }
        #expect(body.shown == shown)
    }

    @Test func `holes are escaped for where they stand`() throws {
        let dialect = try SmallDialect(
            """
            remove: [GET /me]
            routes:
              - GET /go:
                  operation: account.read
                  found:
                    status: 302
                    redirect: "/there?mail={account.email}&again={account.email|url}"
                    headers: { X-Mail: $account.email, X-Text: "<{account.email}>" }
                    cookies: { id: { value: "{account.id}", max-age: 1h, same-site: Strict } }
            mails:
              reset: { link: "{links}/reset?t={notice.link}&e={account.email|url}" }

            """
        ).loaded()
        let variant = try #require(dialect.routes.first { $0.name == "GET /go" }?.outcomes[.found]?.variants.first)
        guard case .redirect(let text) = variant.body else { return #expect(Bool(false)) }
        #expect(text.shown == "'/there?mail={account.email!url}&again={account.email|url!none}'")
        #expect(
            variant.headers.map { $0.name + " " + $0.value.shown } == [
                "X-Mail '{account.email!header}'", "X-Text '<{account.email!header}>'",
            ])
        #expect(variant.cookies.map { $0.name + " " + $0.value.shown } == ["id '{account.id!header}'"])
        #expect(
            variant.cookies[0].maxAge == .seconds(3600) && variant.cookies[0].secure && variant.cookies[0].httpOnly
                && variant.cookies[0].sameSite == "Strict")
        #expect(dialect.mails[.reset]?.link?.shown == "'{links!none}/reset?t={notice.link!url}&e={account.email|url!none}'")
    }

    @Test func `guards, limits and cross-origin rules are read whole`() throws {
        let dialect = try SmallDialect(
            """
            account: { plans: { default: free, limits: { free: 100, big: 5 }, unlimited: [big] } }
            guards:
              - { paths: ["/a/*/b", /c/**], methods: [GET], allow: { roles: [chief] }, upstream: other, counts-usage: true, name: both }
              - { paths: [/d], allow: confirmed }
            limits:
              - { name: l, by: identifier, count: 3, window: 15m, routes: [POST /login], headers: x-ratelimit }
            cors: { origins: [], methods: [GET], expose: [X-A], max-age: 10m }

            """
        ).loaded()
        let first = dialect.guards[0]
        #expect(first.name == "both" && first.upstream == "other" && first.countsUsage && first.allow == .roles(["chief"]))
        #expect(first.paths.map(\.segments) == [[.literal("a"), .one, .literal("b")], [.literal("c"), .rest]])
        #expect(dialect.guards[1].allow == .confirmed)
        #expect(
            dialect.limits == [
                Limit(name: "l", by: .identifier, count: 3, window: .seconds(900), routes: ["POST /login"], headers: .xRateLimit)
            ])
        #expect(dialect.cors == CORSPolicy(credentials: false, origins: [], methods: ["GET"], headers: [], exposed: ["X-A"], maxAge: 600))
        #expect(dialect.policy.plans == Policy.Plans(standard: "free", limits: ["free": 100, "big": 5], unlimited: ["big"]))
    }
}
