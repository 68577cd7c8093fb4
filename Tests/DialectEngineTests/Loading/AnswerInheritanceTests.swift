import DialectEngine
import Identity
import Testing

/// How failures come to their words.
struct AnswerInheritanceTests {
    private func answer(_ kind: FailureKind, at route: String, _ yaml: String) throws -> Answer {
        try #require(try SmallDialect(yaml).route(route).answers[kind])
    }

    private func shown(_ answer: Answer, _ index: Int = 0) -> String {
        let variant = answer.variants[index]
        let message: String =
            switch variant.message {
            case .key(let key): key
            case .reference(let reference): "$" + reference.written
            case nil: "-"
            }
        let body: String =
            switch variant.body {
            case .empty: "empty"
            case .json(let template): template.shown
            case .text(.key(let key)): "text \(key)"
            case .text(.reference(let reference)): "text $\(reference.written)"
            case .page: "page"
            case .redirect(let text): "redirect \(text.shown)"
            }
        return "\(variant.status) \(message) \(body)"
    }

    @Test func `what a kind leaves unsaid comes from its ancestors, attribute by attribute`() throws {
        let yaml = "failures:\n  refused: { code: no }\n  wrong-password: { say: internal }\n"
        #expect(try shown(answer(.wrongPassword, at: "POST /login", yaml)) == #"401 internal {error: "no", message: $message}"#)
        #expect(try shown(answer(.suspended, at: "POST /login", yaml)) == #"401 bad_login {error: "no", message: $message}"#)
        #expect(try shown(answer(.locked, at: "POST /login", yaml)).hasPrefix("401 bad_login"))
        #expect(try shown(answer(.timeout, at: "POST /login", yaml)).hasPrefix("500 internal"))
    }

    @Test func `an operation's words beat the general ones, a route's beat both`() throws {
        let yaml = """
            failures:
              unknown-account: { status: 400, at: { login: { status: 404 } } }
              refused: { at: { login: { say: sign_in } } }
            routes:
              - POST /login:
                  failures: { failure: { code: mine } }
              - POST /sign_in:
                  operation: login
                  take: { email: email, password: password }
                  signed-in: { status: 200 }

            """
        #expect(try shown(answer(.unknownAccount, at: "POST /login", yaml)) == #"404 sign_in {error: "mine", message: $message}"#)
        #expect(try shown(answer(.unknownAccount, at: "POST /sign_in", yaml)) == #"404 sign_in {error: "bad_login", message: $message}"#)
        #expect(try shown(answer(.wrongPassword, at: "POST /sign_in", yaml)).hasPrefix("401 sign_in"))
        #expect(try shown(answer(.unknownAccount, at: "GET /me", yaml)).hasPrefix("400 bad_login"))
    }

    @Test func `words without variants speak in each inherited one, variants stand on their like`() throws {
        let yaml = """
            failures:
              bad-link:
                - { when: { accept: text/html }, status: 410, say: internal, page: message }
                - { status: 409, say: sign_in, code: link }
              used-link: { say: bad_login }
              expired-link:
                - { when: { accept: text/html }, status: 411 }
                - { when: { accept: text/plain }, text: internal }
                - { code: late }

            """
        let used = try answer(.usedLink, at: "PUT /reset", yaml)
        #expect(shown(used, 0) == "410 bad_login page")
        #expect(shown(used, 1) == #"409 bad_login {error: "link", message: $message}"#)
        let expired = try answer(.expiredLink, at: "PUT /reset", yaml)
        #expect(shown(expired, 0) == "411 internal page")
        #expect(shown(expired, 1) == "409 sign_in text internal")
        #expect(shown(expired, 2) == #"409 sign_in {error: "late", message: $message}"#)
        #expect(expired.variants.map(\.conditions) == [[.accept("text/html")], [.accept("text/plain")], []])
    }

    @Test func `members beside stand at the envelope's end, or where it says`() throws {
        let end = "failures: { invalid: { beside: { errors: $errors.sentences } } }\n"
        #expect(
            try shown(answer(.missing, at: "POST /login", end))
                == #"422 invalid {error: "invalid", message: $message, errors: $errors.sentences}"#)
        let marked = end + "envelopes: { failed: { $beside: null, top: $message } }\n"
        #expect(
            try shown(answer(.missing, at: "POST /login", marked))
                == #"422 invalid {error: "invalid", message: $message, errors: $errors.sentences, top: $message}"#)
        #expect(
            try shown(answer(.locked, at: "POST /login", marked))
                == #"401 bad_login {error: "bad_login", message: $message, top: $message}"#)
    }

    @Test func `a bare answer inherits no body, and every kind that can be met has an answer`() throws {
        let dialect = try SmallDialect("failures: { refused: { envelope: failed }, locked: { status: 204 } }\n").loaded()
        for route in dialect.routes {
            #expect(route.answers.count == FailureKind.allCases.count, "\(route.name)")
            #expect(shown(try #require(route.answers[.locked])) == "204 bad_login empty")
        }
        #expect(dialect.failures.unrouted.count == FailureKind.allCases.count)
        #expect(dialect.guards[0].answers[.timeout].map { shown($0) } == #"500 internal {error: "internal", message: $message}"#)
    }

    @Test func `an envelope fills in body and code, formatters and views where it is used`() throws {
        let yaml = """
            envelopes:
              done: { ok: true, said?: $message, in: { data?: $body, who: $view.tiny } }
            views:
              tiny: { id: $account.id|upper }
              more: { extends: tiny, mail: $account.email, id: null }
            routes:
              - GET /me:
                  found: { status: 200, body: [$view.more] }

            """
        let route = try SmallDialect("remove: [POST /login, POST /reset, PUT /reset, POST /users, guards]\n" + yaml).route("GET /me")
        #expect(
            shown(try #require(route.outcomes[.found]))
                == "200 - {data: [{id: null, mail: $account.email}], ok: true, said?: $message, in: {data?: [{id: null, mail: $account.email}], who: {id: $account.id|upper}}}"
        )
    }
}
