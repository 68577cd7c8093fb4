import Identity
import Testing

@testable import DialectEngine

struct RouteTableTests {
    private static let table = RouteTable(
        routes: [
            Sample.route("GET", "/users/{id}"), Sample.route("GET", "/users/me"), Sample.route("POST", "/users"),
            Sample.route("PUT,PATCH", "/users"),
            Sample.route("GET", "/auth/login", "/{locale}/auth/login", "/api/auth/login", "/api/{locale}/auth/login"),
            Sample.route("GET", "/"),
        ],
        guards: [
            Sample.gate("/api/open", "/{locale}/open", methods: ["GET"]), Sample.gate("/api/**"), Sample.gate("/up/*/x"),
        ],
        languages: ["en", "es"])

    private func told(_ match: RouteTable.Match) -> String {
        switch match {
        case .native(let route, let parameters, let locale):
            "\(route.name)\(parameters.isEmpty ? "" : " \(parameters.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" })")\(locale.map { " in \($0)" } ?? "")"
        case .guarded(let gate, let locale): "guard \(gate.name)\(locale.map { " in \($0)" } ?? "")"
        case .methodNotAllowed(let allowed, _): "405 \(allowed.joined(separator: " "))"
        case .unknownLocale(let path): "to \(path)"
        case .notFound: "404"
        }
    }

    @Test(arguments: [
        ("GET", "/users/me", "GET /users/me"),
        ("GET", "/users/5", #"GET /users/{id} ["id=5"]"#),
        ("GET", "/users/a%2Fb%20c", #"GET /users/{id} ["id=a/b c"]"#),
        ("GET", "/users/%00", #"GET /users/{id} ["id=%00"]"#),
        ("HEAD", "/users/me", "GET /users/me"),
        ("PATCH", "/users", "PUT,PATCH /users"),
        ("DELETE", "/users", "405 POST PUT PATCH"),
        ("DELETE", "/users/me", "405 GET HEAD"),
        ("GET", "/users/", "404"),
        ("POST", "/users/", "404"),
        ("GET", "/Users/me", "404"),
        ("GET", "//users", "404"),
        ("GET", "/", "GET /"),
        ("GET", "", "404"),
        ("GET", "*", "404"),
        ("GET", "/es/auth/login", "GET /auth/login in es"),
        ("GET", "/api/en/auth/login", "GET /auth/login in en"),
        ("GET", "/fr/auth/login", "to /auth/login"),
        ("POST", "/fr/auth/login", "to /auth/login"),
        ("GET", "/fra/auth/login", "404"),
        ("GET", "/fr/auth", "404"),
        ("GET", "/fr/open", "to /open"),
        ("GET", "/es/open", "guard /api/open in es"),
        ("POST", "/es/open", "405 GET HEAD"),
        ("GET", "/api/auth/login", "GET /auth/login"),
        ("POST", "/api/auth/login", "guard /api/**"),
        ("GET", "/api/open", "guard /api/open"),
        ("HEAD", "/api/open", "guard /api/open"),
        ("POST", "/api/open", "guard /api/**"),
        ("GET", "/api", "guard /api/**"),
        ("GET", "/api/", "guard /api/**"),
        ("GET", "/api/a//b/", "guard /api/**"),
        ("GET", "/apix", "404"),
        ("GET", "/up/1/x", "guard /up/*/x"),
        ("GET", "/up//x", "404"),
        ("GET", "/up/1/x/y", "404"),
    ])
    func `a method and a path find what answers them`(method: String, path: String, expected: String) {
        #expect(told(Self.table.match(method: method, path: path)) == expected)
    }

    private static let guarded = RouteTable(
        routes: [Sample.route("POST", "/api/login")],
        guards: [
            Sample.gate("/api/health", allow: .anyone), Sample.gate("/api/agents/*/execute", methods: ["POST"]),
            Sample.gate("/{locale}/api/Reports", "/api/admin.*", "/api/admin/**", "/api/Reports"),
            Sample.gate("/api/keys", foreignKeys: true),
            Sample.gate("/{locale}/api/**", "/api/**", allow: .confirmed),
        ],
        languages: ["en", "pt-BR"])

    @Test(arguments: [
        ("POST", "/api/agents/x/EXECUTE", "guard /api/agents/*/execute"),
        ("POST", "/api/Agents/x/execute/", "guard /api/agents/*/execute"),
        ("GET", "/api/agents/x/EXECUTE", "guard /{locale}/api/**"),
        ("GET", "/api/Admin", "guard /{locale}/api/Reports"),
        ("GET", "/api/ADMIN/x", "guard /{locale}/api/Reports"),
        ("GET", "/api/ADMIN.json", "guard /{locale}/api/Reports"),
        ("GET", "/api/ADMIN.json/", "guard /{locale}/api/Reports"),
        ("GET", "/api/reports", "guard /{locale}/api/Reports"),
        ("GET", "/pt-BR/api/REPORTS", "guard /{locale}/api/Reports in pt-BR"),
        ("GET", "/api/administration", "guard /{locale}/api/**"),
        // Another spelling opens nothing.
        ("GET", "/API/admin", "404"),
        ("GET", "/EN/api/reports", "to /api/reports"),
        ("GET", "/api/HEALTH", "guard /{locale}/api/**"),
        ("GET", "/api/KEYS", "guard /{locale}/api/**"),
        ("POST", "/api/LOGIN", "guard /{locale}/api/**"),
        ("POST", "/api/login", "POST /api/login"),
    ])
    func `a path in other letter case is judged by the first guard that it meets in any`(method: String, path: String, expected: String) {
        #expect(told(Self.guarded.match(method: method, path: path)) == expected)
        let known = Self.guarded.guarded(method: method, path: path).map { told(.guarded($0.gate, locale: $0.locale)) }
        #expect(known == (expected.hasPrefix("guard") ? expected : nil))
    }

    @Test func `a literal condition tells two routes of one path apart`() {
        let table = RouteTable(
            routes: [
                Sample.route("POST", "/token", operation: .login, when: [Discriminator(source: .query("grant_type"), literal: "password")]),
                Sample.route(
                    "POST", "/token", operation: .refresh, when: [Discriminator(source: .query("grant_type"), literal: "refresh_token")]),
            ],
            guards: [], languages: ["en"])
        guard case .native(let route, _, _) = table.match(method: "POST", path: "/token", holds: { $0.literal == "refresh_token" }) else {
            Issue.record("no route")
            return
        }
        #expect(route.operation == .refresh)
        #expect(told(table.match(method: "POST", path: "/token")) == "404")
        #expect(told(table.match(method: "GET", path: "/token")) == "405 POST")
    }
}
