import Identity
import Testing

@testable import DialectEngine

struct RecognitionTests {
    private static let fields: [SlotSource] = [
        Sample.field(.email), Sample.field(.password), Sample.slot(Slot("city"), .body(["address", "city"]), .query("city")),
    ]

    private func asked(_ request: WireRequest, _ dialect: Dialect) -> OperationRequest? {
        guard case .operation(_, let asked) = DialectInterpreter(dialect).recognise(request) else { return nil }
        return asked
    }

    private func dialect(_ bodies: BodyPolicy, slots: [SlotSource] = fields) -> Dialect {
        Sample.dialect(routes: [Sample.route("POST", "/in", slots: slots)], bodies: bodies)
    }

    // MARK: Slots

    @Test func `slots come from their places, trimmed but for passwords`() {
        let dialect = dialect(Sample.bodies(trimming: .all))
        let body = #"{"email":" a@b ","password":" p ","address":{"city":" Ulm\u00a0"},"role":"admin"}"#
        let slots = asked(.json("POST", "/in", body), dialect)?.slots
        #expect(slots?[.email]?.value == .string("a@b"))
        #expect(slots?[.password]?.value == .string(" p "))
        #expect(slots?[Slot("city")]?.value == .string("Ulm"))
        #expect(slots?.count == 3)
    }

    @Test(
        arguments: [
            (#"{"address":{"city":"A"}}"#, "city=B", Value.string("A")),
            (#"{"address":{"city":""}}"#, "city=B", .string("B")),
            (#"{"address":{"city":null}}"#, "city=", .null),
            (#"{"address":{"city":""}}"#, nil, .string("")),
            (#"{"address":7}"#, "city=B+C", .string("B C")),
            (#"{}"#, nil, nil),
        ] as [(String, String?, Value?)])
    func `the first place with a value wins, and null is told from absent`(body: String, query: String?, expected: Value?) {
        var request = WireRequest.json("POST", "/in", body)
        request.query = query
        #expect(asked(request, dialect(Sample.bodies()))?.slots[Slot("city")]?.value == expected)
    }

    @Test(
        arguments: [
            (#"{"name":"Ana","done":true,"count":3}"#, Value.string("Ana"), Value.bool(true), Value.int(3)),
            (#"{"name":7,"done":"true","count":"3"}"#, nil, nil, nil),
            (#"{"name":"Anabelle","done":null,"count":1.5}"#, nil, .null, nil),
        ] as [(String, Value?, Value?, Value?)])
    func `lenient slots are absent when they do not fit`(body: String, name: Value?, done: Value?, count: Value?) {
        let slots = [
            Sample.slot(Slot("name"), .body(["name"]), lenient: true, max: 5),
            Sample.slot(Slot("done"), .body(["done"]), kind: .bool, lenient: true),
            Sample.slot(Slot("count"), .body(["count"]), kind: .int, lenient: true),
        ]
        let sent = asked(.json("POST", "/in", body), dialect(Sample.bodies(), slots: slots))?.slots
        #expect(sent?[Slot("name")]?.value == name)
        #expect(sent?[Slot("done")]?.value == done)
        #expect(sent?[Slot("count")]?.value == count)
    }

    @Test func `texts of a form become what their slot is`() {
        let slots = [Sample.slot(Slot("done"), .body(["done"]), kind: .bool), Sample.slot(Slot("count"), .body(["count"]), kind: .int)]
        let sent = asked(.form("POST", "/in", "done=on&count=12"), dialect(Sample.bodies(), slots: slots))?.slots
        #expect(sent?[Slot("done")]?.value == .bool(true))
        #expect(sent?[Slot("count")]?.value == .int(12))
    }

    // MARK: Bodies

    @Test(
        arguments: [
            ("application/json", #"{"email":"a"}"#, nil, "a"),
            ("application/json; charset=UTF-8", #"{"email":"a"}"#, nil, "a"),
            ("application/json; charset=latin1", #"{"email":"a"}"#, FailureKind.unsupportedMedia, nil),
            ("text/plain", #"{"email":"a"}"#, .unsupportedMedia, nil),
            ("application/json", "", .malformed, nil),
            ("application/json", "[]", .malformed, nil),
            ("application/json", "{", .malformed, nil),
            ("application/json", #"{"email":"a","email":"b"}"#, .malformed, nil),
            ("application/json", #"{"email":"a\u0000"}"#, .malformed, nil),
            ("application/x-www-form-urlencoded", "email=a%40b", nil, "a@b"),
            ("application/x-www-form-urlencoded", "email=%00", .malformed, nil),
            ("multipart/form-data; boundary=b", "--b\r\ncontent-disposition: form-data; name=\"email\"\r\n\r\na\r\n--b--\r\n", nil, "a"),
            ("multipart/form-data; boundary=b", "--b\r\nnothing", .malformed, nil),
            ("multipart/form-data", "x", .malformed, nil),
        ] as [(String, String, FailureKind?, String?)])
    func `a body is read or refused`(type: String, body: String, refusal: FailureKind?, email: String?) {
        let request = WireRequest(method: "POST", path: "/in", headers: [("content-type", type)], body: Array(body.utf8))
        let strict = asked(request, dialect(Sample.bodies()))
        #expect(strict?.unreadable == refusal)
        #expect(strict?.text(.email) == email)
        let lax = asked(request, dialect(Sample.bodies(verdict: .empty)))
        #expect(lax?.unreadable == nil)
        #expect(lax?.text(.email) == email)
    }

    @Test(
        arguments: [
            (#"{"user":{"email":"a"}}"#, nil, "a"), (#"{"email":"a"}"#, FailureKind.malformed, nil), (#"{"user":[]}"#, .malformed, nil),
            (#"{"user":null}"#, .malformed, nil), ("", .malformed, nil),
        ] as [(String, FailureKind?, String?)])
    func `all fields stand under the root`(body: String, refusal: FailureKind?, email: String?) {
        let asked = asked(.json("POST", "/in", body), dialect(Sample.bodies(root: "user")))
        #expect(asked?.unreadable == refusal)
        #expect(asked?.text(.email) == email)
    }

    @Test func `a form's fields stand under the root by their brackets`() {
        #expect(asked(.form("POST", "/in", "user%5Bemail%5D=a"), dialect(Sample.bodies(root: "user")))?.text(.email) == "a")
    }

    @Test func `a route that takes nothing from the body does not read it`() {
        let dialect = dialect(Sample.bodies(), slots: [Sample.slot(.link, .query("token"))])
        #expect(asked(.json("POST", "/in", "{broken"), dialect)?.unreadable == nil)
    }

    @Test func `a body over the limit is too large`() {
        var bodies = Sample.bodies()
        bodies.limit = 10
        #expect(asked(.json("POST", "/in", #"{"email":"abc"}"#), dialect(bodies))?.unreadable == .tooLarge)
    }

    // MARK: Methods

    @Test(arguments: [
        ("_method=PUT&email=a", OperationName.passwordReset), ("_method=put&email=a", .passwordReset), ("_method=DELETE", .passwordForgot),
        ("email=a", .passwordForgot),
    ])
    func `a form's field may ask for the route that allows it`(body: String, operation: OperationName) {
        let dialect = Sample.dialect(routes: [
            Sample.route("POST", "/password", operation: .passwordForgot, slots: [Sample.field(.email)]),
            Sample.route("PUT", "/password", operation: .passwordReset, slots: [Sample.field(.email)], methodField: "_method"),
            Sample.route("DELETE", "/password", operation: .accountDelete),
        ])
        #expect(asked(.form("POST", "/password", body), dialect)?.operation == operation)
    }

    @Test func `nothing else changes the judged method`() {
        let dialect = Sample.dialect(routes: [
            Sample.route("POST", "/password", operation: .passwordForgot, slots: [Sample.field(.email)]),
            Sample.route("PUT", "/password", operation: .passwordReset, slots: [Sample.field(.email)], methodField: "_method"),
        ])
        let json = WireRequest.json("POST", "/password", #"{"_method":"PUT"}"#, headers: [("x-http-method-override", "PUT")])
        #expect(asked(json, dialect)?.operation == .passwordForgot)
        var query = WireRequest.form("POST", "/password", "")
        query.query = "_method=PUT"
        #expect(asked(query, dialect)?.operation == .passwordForgot)
    }

    @Test func `HEAD uses nothing up`() {
        let dialect = Sample.dialect(routes: [
            Sample.route("GET", "/confirm", operation: .emailConfirm), Sample.route("GET", "/me", operation: .accountRead),
        ])
        guard case .respond(let response) = DialectInterpreter(dialect).recognise(WireRequest(method: "HEAD", path: "/confirm")) else {
            Issue.record("the link was used")
            return
        }
        #expect(response.status == 200)
        #expect(asked(WireRequest(method: "HEAD", path: "/me"), dialect)?.operation == .accountRead)
    }

    // MARK: Languages

    @Test(
        arguments: [
            ("/in", nil, nil, nil, "en"),
            ("/in", "es-419,en;q=0.5", nil, nil, "es"),
            ("/in", "fr, de", "es", nil, "es"),
            ("/in", "fr;q=1, *;q=0.1", "es", nil, "en"),
            ("/in", "en;q=0, es;q=0", nil, "es", "es"),
            ("/es/in", nil, nil, nil, "es"),
            ("/es/in", "en", nil, nil, "en"),
            ("/in", ";;;,,==", "??", nil, "en"),
        ] as [(String, String?, String?, String?, String)])
    func `the first source that yields a language decides`(path: String, header: String?, cookie: String?, query: String?, expected: String)
    {
        let languages = Sample.languages(["en", "es"], from: [.header, .cookie, .query, .path])
        let dialect = Sample.dialect(routes: [Sample.route("GET", "/in", "/{locale}/in")], languages: languages)
        var request = WireRequest.get(path, query: query.map { "lang=\($0)" })
        if let header { request.headers.append(("accept-language", header)) }
        if let cookie { request.headers.append(("cookie", "a=b; lang=\(cookie)")) }
        #expect(asked(request, dialect)?.language == expected)
    }

    @Test func `a language that is not spoken is led to the path without it`() {
        let dialect = Sample.dialect(routes: [Sample.route("GET", "/in", "/{locale}/in")], languages: Sample.languages(["en", "es"]))
        guard case .respond(let response) = DialectInterpreter(dialect).recognise(.get("/fr/in", query: "a=b")) else {
            Issue.record("recognised")
            return
        }
        #expect(response.status == 302)
        #expect(response.value("Location") == "/in?a=b")
        guard case .respond(let below) = DialectInterpreter(dialect, prefix: "/shop").recognise(.get("/fr/in")) else {
            Issue.record("recognised")
            return
        }
        #expect(below.value("Location") == "/shop/in")
    }
}
