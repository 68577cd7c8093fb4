import DialectEngine
import Testing

struct MediaTypeTests {
    @Test(
        arguments: [
            ("application/json", "application/json", nil),
            (" Application/JSON ; Charset=\"UTF-8\" ", "application/json", nil),
            ("application/json;charset=utf8;", "application/json", nil),
            ("multipart/form-data; boundary=----WebKitFormBoundaryabc", "multipart/form-data", "----WebKitFormBoundaryabc"),
            ("multipart/form-data; boundary=\"a b:c\"", "multipart/form-data", "a b:c"),
            ("multipart/form-data; boundary=\"a \"", "multipart/form-data", nil),
            ("multipart/form-data; boundary=\"a\\\"b\"", "multipart/form-data", nil),
            ("multipart/form-data; boundary=a#b", "multipart/form-data", nil),
            ("multipart/form-data; boundary=\"\"", "multipart/form-data", nil),
            (
                "multipart/form-data; boundary=\(String(repeating: "b", count: 70))", "multipart/form-data",
                String(repeating: "b", count: 70)
            ),
            ("multipart/form-data; boundary=\(String(repeating: "b", count: 71))", "multipart/form-data", nil),
            ("application/vnd.api+json; ext=\"a,b;c\"", "application/vnd.api+json", nil),
        ] as [(String, String, String?)])
    func `a content type is read`(text: String, name: String, boundary: String?) throws {
        let type = try MediaType(contentType: text)
        #expect(type.name == name)
        #expect(type.boundary == boundary)
    }

    @Test(arguments: [
        ("", MediaType.Fault.unreadable),
        ("json", .unreadable),
        ("application/", .unreadable),
        ("application /json", .unreadable),
        ("application/json, text/html", .unreadable),
        ("application/json; charset", .unreadable),
        ("application/json; charset =utf-8", .unreadable),
        ("application/json; charset=\"utf-8", .unreadable),
        ("application/json; charset=utf-8; charset=utf-8", .unreadable),
        ("application/json; charset=utf-16", .charset),
        ("application/x-www-form-urlencoded; charset=iso-8859-1", .charset),
        ("text/plain; charset=\"\"", .charset),
    ])
    func `a content type is refused for its reason`(text: String, fault: MediaType.Fault) {
        #expect(throws: fault) { try MediaType(contentType: text) }
    }

    @Test func `no run of random bytes crashes the readers of header fields`() {
        var random = RandomBytes()
        let words = [
            "a", "en", "-", "*", "*/*", "text/html", ";", "; q=", "0.5", "1", ",", " ", "\"", "\\", "=", "/", "boundary=", "charset=", "é",
        ]
        for _ in 0..<10_000 {
            let text = String(decoding: random.run(of: words, upTo: 15), as: UTF8.self)
            _ = try? MediaType(contentType: text).boundary
            _ = AcceptList(text).names("text/html")
            _ = LanguageRanges(text)?.lookup(in: ["en", "es"], standard: "en")
        }
    }
}
