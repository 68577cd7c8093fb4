import DialectEngine
import Testing

struct AcceptListTests {
    @Test(arguments: [
        ("application/json", true, true, true),
        ("Application/JSON;charset=utf-8, application/json ; q=0.5", true, true, true),
        ("application/json, , ", true, true, true),
        ("application/json, text/plain, */*", true, false, true),
        ("application/json, text/html", true, false, true),
        ("*/*", false, false, true),
        ("application/*", false, false, true),
        ("application/*;q=0, */*", false, false, false),
        ("application/json;q=0", false, false, false),
        ("application/json;q=0, */*", false, false, false),
        ("application/json;q=0.000", false, false, false),
        ("text/html", false, false, false),
        ("application/json, junk", true, false, true),
        ("application/json;q=2, text/html", false, false, false),
        ("text/html;x=\"a, application/json\"", false, false, false),
        ("", false, false, true),
        (" , ,", false, false, true),
        ("application/jsonx", false, false, false),
    ])
    func `a list names, names only and allows JSON`(text: String, names: Bool, only: Bool, allows: Bool) {
        let list = AcceptList(text)
        #expect(list.names("application/json") == names)
        #expect(list.only("application/json") == only)
        #expect(list.allows("application/json") == allows)
    }

    @Test(
        arguments: [
            ("", "application/json"),
            ("*/*", "application/json"),
            ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "text/html"),
            ("application/json;q=0.5, text/*;q=0.6", "text/html"),
            ("text/html;q=0.001, application/json;q=0.002", "application/json"),
            ("image/png", nil),
        ] as [(String, String?)])
    func `the best of what is offered`(text: String, best: String?) {
        #expect(AcceptList(text).best(of: ["application/json", "text/html"]) == best)
    }

    @Test(arguments: ["1.001", "1.5", "0.1234", ".5", "-1", "01", "x", "0x", "1.0000"])
    func `a weight outside the grammar spoils its range`(weight: String) {
        #expect(!AcceptList("application/json;q=\(weight)").only("application/json"))
        #expect(!AcceptList("application/json;q=\"\(weight)\"").names("application/json"))
    }
}
