import DialectEngine
import Testing

@testable import Gateway

@Suite struct ProxyQuestionTests {
    private func told(_ fields: [String], path: String = ProxyQuestion.path) -> String {
        var request = WireRequest(method: "GET", path: path, query: nil, address: "192.0.2.7")
        for field in fields {
            let parts = field.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            request.headers.append((name: String(parts[0]), value: String(parts[1])))
        }
        return switch ProxyQuestion.read(request) {
        case .question(let question): "\(question.wire.method) \(question.wire.path)"
        case .malformed: "malformed"
        case nil: "none"
        }
    }

    @Test(arguments: [
        ("x-original-uri=/a?b x-original-method=PUT", "PUT /a"),
        ("x-forwarded-uri=/a x-forwarded-method=DELETE", "DELETE /a"),
        ("", "malformed"),
        ("x-original-uri=/a", "malformed"),
        ("x-forwarded-uri=/a", "malformed"),
        ("x-original-method=GET", "malformed"),
        ("x-original-uri=/a x-forwarded-method=POST", "malformed"),
        ("x-forwarded-uri=/a x-original-method=POST", "malformed"),
        ("x-original-uri=/a x-original-method=GET x-forwarded-method=POST", "malformed"),
        ("x-original-uri=/a x-original-method=GET x-forwarded-uri=/a", "malformed"),
        ("x-forwarded-uri=/a x-forwarded-method=GET x-original-method=GET", "malformed"),
        ("x-original-uri=/a x-original-method=GET x-original-method=GET", "malformed"),
        ("x-original-uri=/a x-original-uri=/a x-original-method=GET", "malformed"),
        ("x-original-uri=/a x-original-method=", "malformed"),
        ("x-original-uri=/a x-original-method=get", "malformed"),
        ("x-original-uri=/a/../b x-original-method=GET", "malformed"),
    ])
    func `another proxy names a request by both fields of one pair and by none of the other`(fields: String, expected: String) {
        #expect(told(fields.split(separator: " ").map(String.init)) == expected)
    }

    @Test func `a path behind the question's own is asked about as it is`() {
        #expect(told([], path: "/_dragoman/authorize/a/b") == "GET /a/b")
        #expect(told(["x-other=/c"], path: "/_dragoman/authorize/a/b") == "GET /a/b")
        #expect(told([], path: "/_dragoman/authorizer") == "none")
        #expect(told([], path: "/a") == "none")
    }

    @Test(arguments: ["x-original-uri=/c", "x-original-method=GET", "x-forwarded-uri=/c", "x-forwarded-method=GET"])
    func `a request named by the path is named by no field beside`(field: String) {
        #expect(told([field], path: "/_dragoman/authorize/a/b") == "malformed")
    }
}
