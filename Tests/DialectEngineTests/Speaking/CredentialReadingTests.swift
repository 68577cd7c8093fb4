import Identity
import Testing

@testable import DialectEngine

struct CredentialReadingTests {
    @Test(
        arguments: [
            ([], Credential.none), (["Bearer abc"], .bearer("abc")), (["bEARER   abc "], .bearer("abc")), (["Bearer"], .none),
            (["Bearer "], .none),
            (["Basic abc"], .none), (["abc"], .none), (["Bearer a", "Bearer b"], .ambiguous), (["Basic a", "Bearer b"], .ambiguous),
            (["Bearer Bearer a"], .ambiguous), (["Bearer a, Bearer b"], .ambiguous), (["Bearer a,b"], .ambiguous),
            (["Basic a, Bearer b"], .ambiguous), (["Bearer,abc"], .ambiguous), (["Bearer sk_live_1"], .apiKey("sk_live_1")),
        ] as [([String], Credential)])
    func `exactly one bearer token is judged`(fields: [String], expected: Credential) {
        let policy = Sample.credentials(foreign: ["sk_live_"])
        let request = WireRequest(method: "GET", path: "/", headers: fields.map { ("authorization", $0) })
        #expect(policy.credential(of: request, kinds: [.bearer]) == expected)
    }

    @Test(
        arguments: [
            (["k1"], nil, true, Credential.apiKey("k1")), (["k1"], "Bearer t", true, .apiKey("k1")),
            (["k1"], "Bearer t", false, .ambiguous),
            ([""], "Bearer t", false, .bearer("t")), (["k1", "k2"], nil, true, .ambiguous), (["k1", "k2"], "Bearer t", true, .ambiguous),
            ([], "Bearer t", true, .bearer("t")),
        ] as [([String], String?, Bool, Credential)])
    func `a key and a token are two credentials unless the key wins`(keys: [String], bearer: String?, wins: Bool, expected: Credential) {
        let policy = Sample.credentials([.bearer, .apiKey], header: "X-API-Key", keyWins: wins)
        var request = WireRequest(method: "GET", path: "/", headers: keys.map { ("x-api-key", $0) })
        if let bearer { request.headers.append(("authorization", bearer)) }
        #expect(policy.credential(of: request, kinds: [.bearer, .apiKey]) == expected)
    }

    @Test func `where only tokens count, the token is judged beside a key that would win`() {
        let policy = Sample.credentials(header: "X-API-Key", keyWins: true)
        let both = WireRequest(method: "GET", path: "/", headers: [("x-api-key", "k"), ("authorization", "Bearer t")])
        #expect(policy.credential(of: both, kinds: [.bearer]) == .bearer("t"))
        let key = WireRequest(method: "GET", path: "/", headers: [("x-api-key", "k")])
        #expect(policy.credential(of: key, kinds: [.bearer]) == .apiKey("k"))
    }

    @Test func `a token is not looked for in the query, a cookie or the body`() {
        let policy = Sample.credentials(header: "X-API-Key")
        var request = WireRequest.json("POST", "/", #"{"token":"t"}"#, headers: [("cookie", "token=t; Authorization=Bearer t")])
        request.query = "token=t&access_token=t"
        #expect(policy.credential(of: request, kinds: [.bearer]) == .none)
    }

    @Test(arguments: [("Bearer sk_live_1", true), ("Bearer abc", false)])
    func `an upstream's own keys pass unjudged only where a guard says so`(authorization: String, passes: Bool) {
        let dialect = Sample.dialect(
            routes: [Sample.route("GET", "/me", operation: .accountRead)],
            guards: [Sample.gate("/pay", foreignKeys: true), Sample.gate("/other")], credentials: Sample.credentials(foreign: ["sk_live_"]))
        func judged(_ path: String) -> Bool? {
            let request = WireRequest.get(path, headers: [("authorization", authorization)])
            guard case .guarded(let guarded) = DialectInterpreter(dialect).recognise(request) else { return nil }
            return guarded.passesUnjudged
        }
        #expect(judged("/pay") == passes)
        #expect(judged("/other") == false)
    }
}
