import Identity
import Testing

@testable import DialectEngine

/// Each dialect of the folder, asked at each of its paths and made to give each of its answers.
struct ShippedDialectsTests {
    static let names = ["aethermind", "devise", "rsa-jwt", "servitech", "xpay"]

    static func dialect(_ name: String) throws -> Dialect {
        let root = #filePath.split(separator: "/").dropLast(4).map { "/\($0)" }.joined()
        return try DialectLoader.load(folder: "\(root)/Dialects/\(name)").get()
    }

    @Test(arguments: names)
    func `each path of each route is recognised as its operation`(name: String) throws {
        let interpreter = DialectInterpreter(try Self.dialect(name))
        for route in interpreter.dialect.routes {
            for path in route.paths {
                let spelled = path.segments.map { segment in
                    switch segment {
                    case .literal(let name): "/\(name)"
                    case .parameter: "/x1"
                    case .locale: "/\(interpreter.dialect.languages.supported[0])"
                    }
                }.joined()
                let request = WireRequest.json(route.methods[0], spelled.isEmpty ? "/" : spelled, "{}")
                guard case .operation(let found, let asked) = interpreter.recognise(request) else {
                    Issue.record("\(name) \(route.name) at \(spelled)")
                    continue
                }
                #expect(found.name == route.name)
                #expect(asked.operation == route.operation)
            }
        }
    }

    @Test(arguments: names)
    func `each answer is whole: JSON that reads back, in UTF-8, no hole left open`(name: String) throws {
        let interpreter = DialectInterpreter(try Self.dialect(name))
        let facts = Facts(
            account: Sample.account(), token: IssuedTokens(access: "a.b.c", refresh: "d.e.f", expiresIn: 60), apiKey: "key",
            usage: UsageFacts(count: 5, limit: 100, plan: "free"))
        let problems = [
            FieldProblem(slot: .email, wireName: "email", rule: "email", message: "rules.email"),
            FieldProblem(slot: .password, wireName: "password", rule: "min", message: "rules.min", parameters: ["min": .int(8)]),
        ]
        for language in interpreter.dialect.languages.supported {
            for route in interpreter.dialect.routes {
                let request = WireRequest.json(route.methods[0], "/x", "{}")
                for outcome in route.outcomes.keys {
                    let response = interpreter.render(.outcome(outcome, facts), of: route, request: request, language: language)
                    try check(response, "\(name) \(route.name) \(outcome)")
                }
                for kind in route.answers.keys {
                    let failure = Failure(
                        kind, problems: kind.lineage.contains(.invalid) ? problems : [], retryAfter: .seconds(30),
                        allowed: kind == .methodNotAllowed ? ["GET"] : [], usage: facts.usage)
                    let response = interpreter.render(
                        .failure(failure, Facts()), of: route, request: request, language: language)
                    try check(response, "\(name) \(route.name) \(kind)")
                }
            }
            for kind in FailureKind.allCases {
                let response = interpreter.render(failure: Failure(kind), at: .unrouted, request: .get("/x"), language: language)
                #expect(response.status >= 400 || name == "servitech")
            }
        }
    }

    private func check(_ response: WireResponse, _ place: String) throws {
        #expect((200...599).contains(response.status), "\(place)")
        #expect(String(validating: response.body, as: UTF8.self) != nil, "\(place)")
        #expect(response.body.isEmpty == (response.value("Content-Type") == nil), "\(place)")
        guard response.value("Content-Type") == "application/json; charset=utf-8" else { return }
        do {
            _ = try JSONReader.read(response.body)
        } catch {
            Issue.record("\(place): \(error) in \(response.text)")
        }
    }

    @Test func `servitech counts the errors beyond the first in either language`() throws {
        let interpreter = DialectInterpreter(try Self.dialect("servitech"))
        let problems = ["confirmed", "min"].map {
            FieldProblem(slot: .password, wireName: "password", rule: $0, message: "rules.\($0)", parameters: ["min": .int(8)])
        }
        func text(_ language: String) throws -> String {
            let route = try #require(interpreter.dialect.routes.first { $0.operation == .register })
            return interpreter.render(
                failure: Failure(.invalid, problems: problems), at: .route(route), request: .json("POST", "/auth/register", ""),
                language: language
            ).text
        }
        #expect(
            try text("en")
                == #"{"status":422,"message":"The password field confirmation does not match. (and 1 more error)","errors":{"password":"The password field confirmation does not match."}}"#
        )
        #expect(
            try text("es")
                == #"{"status":422,"message":"La confirmación de contraseña no coincide. (y 1 error más)","errors":{"password":"La confirmación de contraseña no coincide."}}"#
        )
    }

    @Test func `servitech words an unknown path and a wrong method`() throws {
        let interpreter = DialectInterpreter(try Self.dialect("servitech"))
        func answer(_ request: WireRequest) -> WireResponse? {
            switch interpreter.recognise(request) {
            case .respond(let response), .refuse(_, let response): return response
            default: return nil
            }
        }
        let unknown = answer(.get("/api/v1/nothing", headers: [("accept-language", "en")]))
        #expect(unknown?.text == #"{"status":404,"message":"The route api/v1/nothing could not be found.","errors":{}}"#)
        #expect(unknown?.value("Content-Language") == "en")
        let wrong = answer(.json("DELETE", "/en/user/profile", ""))
        #expect(
            wrong?.text
                == #"{"status":405,"message":"The DELETE method is not supported for route en/user/profile. Supported methods: GET, HEAD, PUT.","errors":{}}"#
        )
        #expect(answer(.get("/api/v1/fr/user/profile", query: "a=b"))?.value("Location") == "/api/v1/user/profile?a=b")
    }

    @Test func `xpay names the first field and the details of many`() throws {
        let interpreter = DialectInterpreter(try Self.dialect("xpay"))
        let route = try #require(interpreter.dialect.routes.first { $0.operation == .register })
        func text(_ problems: [FieldProblem]) -> String {
            interpreter.render(
                failure: Failure(.invalid, problems: problems), at: .route(route), request: .json("POST", "/", ""), language: "en"
            ).text
        }
        let email = FieldProblem(slot: .email, wireName: "email", rule: "email", message: "rules.email")
        let phone = FieldProblem(slot: Slot("phone_number"), wireName: "phone", rule: "pattern", message: "rules.pattern")
        #expect(
            text([email])
                == #"{"success":false,"message":"Email format is invalid","error":{"code":"invalid_email","message":"Email format is invalid","field":"email","details":null},"error_code":"invalid_email"}"#
        )
        #expect(
            text([email, phone]).contains(
                #""details":{"email":"Email format is invalid","phone":"Phone number format invalid"}}"#))
    }
}
