import DialectEngine
import Identity
import Testing

struct MultipartReaderTests {
    /// Lines joined and ended as the wire has them.
    private func wire(_ lines: [String]) -> [UInt8] { Array((lines.joined(separator: "\r\n") + "\r\n").utf8) }

    private func part(_ disposition: String, _ more: String..., content: String) -> [String] {
        ["--b", "Content-Disposition: form-data; \(disposition)"] + more + ["", content]
    }

    @Test func `fields become the tree that a form would give`() throws {
        let body = wire(
            part(#"name="user[email]""#, content: "a@b.c") + part("name=plain", content: "")
                + part(#"name="tags[]""#, "Content-Type: text/plain; charset=UTF-8", content: "é")
                + part(#"name="tags[]""#, "content-transfer-encoding: 8bit", "X-More: yes", content: "two\r\nlines\r\n--")
                + part(#"name="a\"b""#, content: "1+1%20") + ["--b--"])
        let form = try MultipartReader.read(body, boundary: "b")
        let json = #"{"user":{"email":"a@b.c"},"plain":"","tags":["é","two\r\nlines\r\n--"],"a\"b":"1+1%20"}"#
        #expect(String(decoding: JSONWriter.document(form.fields), as: UTF8.self) == json)
        #expect(form.files == [])
    }

    @Test func `parts with a file name are only named`() throws {
        let body = wire(
            part(#"name="avatar"; filename="me.png""#, "Content-Type: image/png", content: "\u{0}\u{1}") + part("name=a", content: "1")
                + part(#"name="empty"; filename="""#, content: "") + part("name=star; filename*=UTF-8''x", content: "\u{0}") + ["--b--"])
        let form = try MultipartReader.read(body, boundary: "b")
        #expect(form.fields == .object([.init("a", .string("1"))]))
        #expect(form.files == ["avatar", "empty", "star"])
    }

    @Test(arguments: [
        "--b--", "--b--\r\n", "\r\n--b--\r\n", "--b--  \r\n",
    ])
    func `a body may be empty`(body: String) throws {
        #expect(try MultipartReader.read(body.utf8, boundary: "b").fields == .object([]))
    }

    @Test(arguments: [
        ("", FormFault.framing),
        ("--b", .framing),
        ("--b\r\n", .framing),
        ("--c--\r\n", .framing),
        ("preamble\r\n--b--\r\n", .framing),
        ("--b--\r\nepilogue", .framing),
        ("--b\nContent-Disposition: form-data; name=a\n\n1\n--b--\n", .framing),
        ("--b\r\nContent-Disposition: form-data; name=a\r\n\r\n1", .framing),
        ("--b\r\nContent-Disposition: form-data; name=a\r\n\r\n1\r\n--b", .framing),
        ("--b\r\nContent-Disposition: form-data; name=a\r\n\r\n1\r\n--bb--\r\n", .framing),
        ("--b\r\nContent-Disposition: form-data; name=a\r\n--b--\r\n", .framing),
        ("--b\r\n\r\n1\r\n--b--\r\n", .framing),
        ("--b\r\nContent-Disposition: form-data\r\n\r\n1\r\n--b--\r\n", .framing),
        ("--b\r\nContent-Disposition: attachment; name=a\r\n\r\n1\r\n--b--\r\n", .framing),
        ("--b\r\nContent-Disposition: form-data; name=a; name=b\r\n\r\n1\r\n--b--\r\n", .framing),
        ("--b\r\nContent-Disposition: form-data; name=\"a\r\n\r\n1\r\n--b--\r\n", .framing),
        ("--b\r\nContent-Disposition: form-data; name=a\r\nContent-Disposition: form-data; name=b\r\n\r\n1\r\n--b--\r\n", .framing),
        ("--b\r\nContent-Disposition: form-data;\r\n name=a\r\n\r\n1\r\n--b--\r\n", .framing),
        ("--b\r\nContent-Disposition : form-data; name=a\r\n\r\n1\r\n--b--\r\n", .framing),
        ("--b\r\nContent-Disposition: form-data; name=a\r\nContent-Type: multipart/mixed\r\n\r\n1\r\n--b--\r\n", .framing),
        (
            "--b\r\nContent-Disposition: form-data; name=a\r\nContent-Type: text/plain; charset=utf-16\r\n\r\n1\r\n--b--\r\n",
            .foreignEncoding
        ),
        ("--b\r\nContent-Disposition: form-data; name=a\r\nContent-Transfer-Encoding: base64\r\n\r\n1\r\n--b--\r\n", .foreignEncoding),
        ("--b\r\nContent-Disposition: form-data; name=a\r\n\r\n\u{0}\r\n--b--\r\n", .nul),
        ("--b\r\nContent-Disposition: form-data; name=\"a\u{0}\"\r\n\r\n1\r\n--b--\r\n", .nul),
    ])
    func `broken framing and foreign parts are refused`(body: String, fault: FormFault) {
        #expect(throws: fault) { try MultipartReader.read(body.utf8, boundary: "b") }
    }

    @Test func `one name twice, broken UTF-8, too many parts and long headers are refused`() {
        let twice = wire(part("name=a", content: "1") + part("name=a", content: "2") + ["--b--"])
        #expect(throws: FormFault.duplicate) { try MultipartReader.read(twice, boundary: "b") }
        let broken = Array("--b\r\nContent-Disposition: form-data; name=a\r\n\r\n".utf8) + [0xFF] + Array("\r\n--b--".utf8)
        #expect(throws: FormFault.invalidUTF8) { try MultipartReader.read(broken, boundary: "b") }
        let many = wire((0...1000).flatMap { part("name=f\($0)", content: "1") } + ["--b--"])
        #expect(throws: FormFault.tooManyFields) { try MultipartReader.read(many, boundary: "b") }
        let files = wire((0...1000).flatMap { part("name=f\($0); filename=x", content: "1") } + ["--b--"])
        #expect(throws: FormFault.tooManyFields) { try MultipartReader.read(files, boundary: "b") }
        let long = wire(part("name=a", "X: " + String(repeating: "x", count: 5000), content: "1") + ["--b--"])
        #expect(throws: FormFault.framing) { try MultipartReader.read(long, boundary: "b") }
    }

    @Test func `a body of nothing but line ends is read in one pass`() {
        let body = Array("--b\r\nContent-Disposition: form-data; name=a\r\n\r\n".utf8) + Array(repeating: 0x0D, count: 200_000)
        #expect(throws: FormFault.framing) { try MultipartReader.read(body, boundary: "b") }
    }

    @Test func `no run of random bytes crashes the reader`() {
        var random = RandomBytes()
        let words = [
            "--b", "--b\r\n", "\r\n--b\r\n", "\r\n--b--\r\n", "--", "\r\n", "\r", "\n", "Content-Disposition: form-data; name=a",
            "; filename=x", ": ", "x",
            "Content-Disposition: form-data; name=\"b[c]\"\r\n\r\n1", "\"", "\\", ";",
        ]
        for _ in 0..<10_000 {
            _ = try? MultipartReader.read(Array("--b\r\n".utf8) + random.run(of: words, upTo: 12), boundary: "b")
            _ = try? MultipartReader.read(random.run(of: words, upTo: 12), boundary: "b")
        }
    }
}
