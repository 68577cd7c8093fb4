import Identity
import Testing

@testable import DialectEngine

struct RenderingTests {
    private static let outcome = OperationResult.outcome(
        .signedIn, Facts(account: Sample.account(), token: IssuedTokens(access: "a.b.c", expiresIn: 60)))

    private func response(
        _ variants: AnswerVariant..., request: WireRequest = .get("/in"), slots: [Slot: SlotValue] = [:], language: String = "en",
        languages: Languages = Sample.languages(), texts: [String: [String: Text]] = ["en": ["hi": .literal("Hi \"you\"")]],
        headers: [HeaderTemplate] = [], result: OperationResult = outcome
    ) -> WireResponse {
        let route = Sample.route(
            "GET", "/in", outcomes: [.signedIn: Answer(variants: variants)], answers: [.failure: Answer(variants: variants)])
        let dialect = Sample.dialect(routes: [route], languages: languages, texts: texts, headers: headers)
        return DialectInterpreter(dialect).render(result, of: route, request: request, language: language, slots: slots)
    }

    private static let message = Template.object([
        Template.Member(name: "status", value: .reference(.of(.httpStatus))),
        Template.Member(name: "message", value: .reference(.of(.message))),
        Template.Member(name: "code", value: .reference(.of(.code))),
    ])

    @Test func `JSON comes with its type, the message, the code and the status`() {
        let response = response(Sample.answer(201, .json(Self.message), message: .key("hi"), code: .literal(.string("ok"))))
        #expect(response.status == 201)
        #expect(response.text == #"{"status":201,"message":"Hi \"you\"","code":"ok"}"#)
        #expect(response.headers.map { "\($0.name): \($0.value)" } == ["Content-Type: application/json; charset=utf-8"])
    }

    @Test func `plain text, emptiness and redirects`() {
        let text = response(Sample.answer(429, .text(.key("hi"))))
        #expect(text.value("Content-Type") == "text/plain; charset=utf-8")
        #expect(text.text == "Hi \"you\"")
        let empty = response(Sample.answer(204))
        #expect(empty.headers.isEmpty)
        #expect(empty.body.isEmpty)
        let redirect = response(Sample.answer(302, .redirect(Text(.literal("https://a/?t="), .hole(.fact("token.access"), .url)))))
        #expect(redirect.value("Location") == "https://a/?t=a.b.c")
    }

    @Test func `headers of the answer beat the dialect's, cookies are written whole`() {
        let response = response(
            Sample.answer(
                200, .empty, headers: [HeaderTemplate(name: "cache-control", value: .literal("private")), bearer],
                cookies: [
                    CookieTemplate(
                        name: "sid", value: .literal("a;b\r\nc\"d"), path: "/", maxAge: .seconds(60), httpOnly: true, secure: true,
                        sameSite: "Lax")
                ]),
            headers: [
                HeaderTemplate(name: "Cache-Control", value: .literal("no-store")), HeaderTemplate(name: "X-A", value: .literal("b")),
            ])
        #expect(response.values("Cache-Control") == ["private"])
        #expect(response.value("X-A") == "b")
        #expect(response.value("Authorization") == "Bearer a.b.c")
        #expect(response.value("Set-Cookie") == "sid=a%3Bb%0D%0Ac%22d; Path=/; Max-Age=60; HttpOnly; Secure; SameSite=Lax")
    }

    private var bearer: HeaderTemplate {
        HeaderTemplate(name: "Authorization", value: Text(.literal("Bearer "), .hole(.fact("token.access"), .header)))
    }

    @Test func `a page escapes for attributes and for text, each where it stands`() {
        let page = Text(
            .literal("<p title=\""), .hole(.of(.message), .html), .literal("\">"), .hole(.of(.message), .html), .say("hi", .html),
            .literal("</p>"))
        let response = response(Sample.answer(200, .page(["en": page]), message: .key("hi")))
        #expect(response.text == "<p title=\"Hi &quot;you&quot;\">Hi \"you\"Hi \"you\"</p>")
        #expect(response.value("Content-Type") == "text/html; charset=utf-8")
    }

    @Test func `the first variant whose conditions hold answers`() {
        let asks: [(WireRequest, [Slot: SlotValue], Int)] = [
            (.json("POST", "/in", "{}", headers: [("accept", "application/json; q=0.9, application/json")]), [:], 201),
            (.json("POST", "/in", "{}", headers: [("accept", "application/json, */*")]), [:], 200),
            (.json("POST", "/in", "{}"), [:], 200),
            (.get("/in", headers: [("accept", "application/json")]), [:], 200),
            (.get("/in", headers: [("accept", "*/*"), ("accept", "text/html")]), [:], 202),
            (.get("/in", headers: [("accept", "text/html;q=0")]), [:], 200),
            (.get("/in", headers: [("x-version", "2")]), [:], 203),
            (.get("/in"), [.email: SlotValue(.string("a"), wireName: "email")], 206),
            (.get("/in"), [.email: SlotValue(.string(""), wireName: "email")], 200),
        ]
        for (request, slots, status) in asks {
            let response = response(
                Sample.answer(201, when: [.contentType("application/json"), .acceptOnly("application/json")]),
                Sample.answer(202, when: [.accept("text/html")]),
                Sample.answer(203, when: [.header("X-Version", is: "2")]), Sample.answer(206, when: [.slot(.email)]), Sample.answer(200),
                request: request, slots: slots)
            #expect(response.status == status, "\(request.headers) \(slots.count)")
        }
    }

    @Test func `the language is announced`() {
        let languages = Sample.languages(["en", "es"], announced: true)
        let response = response(
            Sample.answer(200, .text(.key("hi"))), language: "es", languages: languages, texts: ["es": ["hi": .literal("Hola")]])
        #expect(response.text == "Hola")
        #expect(response.value("Content-Language") == "es")
        #expect(response.value("Vary") == "Accept-Language")
    }

    @Test func `who must wait is told how long, in seconds rounded up`() {
        let text = Template.reference(.of(.retrySeconds))
        let failure = Failure(.locked, retryAfter: .milliseconds(1200))
        let response = response(Sample.answer(429, .json(text)), result: .failure(failure, Facts()))
        #expect(response.value("Retry-After") == "2")
        #expect(response.text == "2")
        let unavailable = self.response(Sample.answer(503), result: .failure(Failure(.unavailable), Facts()))
        #expect(unavailable.value("Retry-After") == "5")
    }

    @Test func `an unknown path and an unknown method are answered in the dialect's words`() {
        let words = Template.object([
            Template.Member(name: "route", value: .reference(.of(.requestRoute))),
            Template.Member(name: "allowed", value: .reference(.of(.allowedMethods, .join(", ")))),
        ])
        let dialect = Sample.dialect(
            routes: [Sample.route("GET", "/a/b")],
            unrouted: [.notFound: Answer(Sample.answer(404, .json(words))), .failure: Answer(Sample.answer(405, .json(words)))])
        let interpreter = DialectInterpreter(dialect)
        guard case .refuse(.notFound, let unknown) = interpreter.recognise(.get("/a")),
            case .refuse(.methodNotAllowed, let wrong) = interpreter.recognise(.json("PUT", "/a/b", ""))
        else {
            Issue.record("recognised")
            return
        }
        #expect(unknown.status == 404)
        #expect(unknown.text == #"{"route":"a","allowed":""}"#)
        #expect(wrong.status == 405)
        #expect(wrong.text == #"{"route":"a/b","allowed":"GET, HEAD"}"#)
        #expect(wrong.value("Allow") == "GET, HEAD")
    }

    @Test func `a failure's nearest worded ancestor answers, and silence is a plain status`() {
        let route = Sample.route("GET", "/in", answers: [.unauthenticated: Answer(Sample.answer(418))])
        let interpreter = DialectInterpreter(Sample.dialect(routes: [route]))
        func status(_ kind: FailureKind) -> Int {
            interpreter.render(failure: Failure(kind), at: .route(route), request: .get("/in"), language: "en").status
        }
        #expect(status(.badSignature) == 418)
        #expect(status(.tooSoon) == 429)
        #expect(status(.failure) == 500)
    }
}
