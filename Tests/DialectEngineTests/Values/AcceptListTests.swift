import DialectEngine
import Testing

struct AcceptListTests {
    @Test(arguments: [
        ("application/json", true, true),
        ("Application/JSON;charset=utf-8, application/json ; q=0.5", true, true),
        ("application/json, , ", true, true),
        ("application/json, text/plain, */*", true, false),
        ("application/json, text/html", true, false),
        ("*/*", false, false),
        ("application/*", false, false),
        ("application/*;q=0, */*", false, false),
        ("application/json;q=0", false, false),
        ("application/json;q=0, */*", false, false),
        ("application/json;q=0.000", false, false),
        ("text/html", false, false),
        ("application/json, junk", true, false),
        ("application/json;q=2, text/html", false, false),
        ("text/html;x=\"a, application/json\"", false, false),
        ("", false, false),
        (" , ,", false, false),
        ("application/jsonx", false, false),
    ])
    func `a list names JSON, or nothing else`(text: String, names: Bool, only: Bool) {
        let list = AcceptList(text)
        #expect(list.names("application/json") == names)
        #expect(list.only("application/json") == only)
    }

    @Test(arguments: ["1.001", "1.5", "0.1234", ".5", "-1", "01", "x", "0x", "1.0000"])
    func `a weight outside the grammar spoils its range`(weight: String) {
        #expect(!AcceptList("application/json;q=\(weight)").only("application/json"))
        #expect(!AcceptList("application/json;q=\"\(weight)\"").names("application/json"))
    }
}
