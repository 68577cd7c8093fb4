import Identity
import Testing

@testable import DialectEngine

struct CrossOriginTests {
    private func policy(_ origins: [String], credentials: Bool = false, headers: [String] = [], maxAge: Int? = nil) -> CORSPolicy {
        CORSPolicy(
            credentials: credentials, origins: origins, methods: ["GET", "POST"], headers: headers, exposed: ["Authorization"],
            maxAge: maxAge)
    }

    private func preflight(_ policy: CORSPolicy, origin: String?, configured: [String] = [], asked: String? = nil) -> WireResponse? {
        var headers: [(name: String, value: String)] = [("access-control-request-method", "POST")]
        if let origin { headers.append(("origin", origin)) }
        if let asked { headers.append(("access-control-request-headers", asked)) }
        let interpreter = DialectInterpreter(Sample.dialect(cors: policy), origins: configured)
        guard case .preflight(let response) = interpreter.recognise(WireRequest(method: "OPTIONS", path: "/any", headers: headers)) else {
            return nil
        }
        return response
    }

    @Test func `a known origin is echoed, with credentials where the policy says so`() {
        let response = preflight(
            policy(["https://a"], credentials: true, headers: ["Content-Type", "X-A"], maxAge: 0), origin: "https://a")
        #expect(response?.status == 204)
        #expect(
            response?.headers.map { "\($0.name): \($0.value)" } == [
                "Vary: Origin", "Access-Control-Allow-Origin: https://a", "Access-Control-Allow-Credentials: true",
                "Access-Control-Allow-Methods: GET, POST",
                "Access-Control-Allow-Headers: Content-Type, X-A", "Access-Control-Max-Age: 0",
            ])
    }

    @Test func `another origin gets nothing`() {
        let response = preflight(policy(["https://a"], credentials: true), origin: "https://a.evil")
        #expect(response?.status == 204)
        #expect(response?.headers.map(\.name) == ["Vary"])
    }

    @Test func `the deployment's origins replace the dialect's`() {
        #expect(
            preflight(policy(["https://a"]), origin: "https://a", configured: ["https://b"])?.value("Access-Control-Allow-Origin") == nil)
        #expect(
            preflight(policy(["https://a"]), origin: "https://b", configured: ["https://b"])?.value("Access-Control-Allow-Origin")
                == "https://b")
    }

    @Test func `all origins never come with credentials`() {
        let response = preflight(policy(["*"], credentials: true), origin: "https://a")
        #expect(response?.value("Access-Control-Allow-Origin") == "*")
        #expect(response?.value("Access-Control-Allow-Credentials") == nil)
        #expect(response?.values("Vary") == ["Access-Control-Request-Headers"])
    }

    @Test func `headers asked for are repeated when they are names`() {
        #expect(
            preflight(policy(["*"]), origin: "https://a", asked: "content-type,x-a")?.value("Access-Control-Allow-Headers")
                == "content-type, x-a")
        #expect(preflight(policy(["*"]), origin: "https://a", asked: "x-a\u{1}: b")?.value("Access-Control-Allow-Headers") == nil)
    }

    @Test func `without an origin it is no preflight`() {
        #expect(preflight(policy(["*"]), origin: nil) == nil)
    }

    @Test func `every answer names its origin`() {
        let route = Sample.route("GET", "/in", outcomes: [.signedIn: Answer(Sample.answer(200))])
        let interpreter = DialectInterpreter(Sample.dialect(routes: [route], cors: policy(["https://a"], credentials: true)))
        let request = WireRequest.get("/in", headers: [("origin", "https://a")])
        let good = interpreter.render(.outcome(.signedIn, Facts()), of: route, request: request, language: "en")
        let bad = interpreter.render(failure: Failure(.internal), at: .unrouted, request: request, language: "en")
        for response in [good, bad] {
            #expect(response.value("Access-Control-Allow-Origin") == "https://a")
            #expect(response.value("Access-Control-Expose-Headers") == "Authorization")
            #expect(response.value("Vary") == "Origin")
        }
        #expect(interpreter.crossOriginHeaders(for: request).count == 4)
    }
}
