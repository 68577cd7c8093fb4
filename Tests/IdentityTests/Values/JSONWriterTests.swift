import Testing

@testable import Identity

struct JSONWriterTests {
    private func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

    @Test(arguments: [
        ("plain", #""plain""#),
        ("", #""""#),
        ("a/b", #""a/b""#),
        ("\"\\", #""\"\\""#),
        ("\u{8}\u{C}\n\r\t", #""\b\f\n\r\t""#),
        ("\u{1}\u{B}\u{1F}\u{7F}", "\"\\u0001\\u000b\\u001f\u{7F}\""),
        ("é😀\u{2028}", "\"é😀\u{2028}\""),
    ])
    func `only quotes, backslashes and control characters are escaped`(string: String, written: String) throws {
        #expect(text(JSONWriter.quoted(string)) == written)
        #expect(try JSONReader.read(JSONWriter.quoted(string)) == .string(string))
    }

    @Test(arguments: [
        (Value.null, "null"),
        (.bool(true), "true"),
        (.int(.min), "-9223372036854775808"),
        (.number("1.50"), "1.50"),
        (.number("NaN"), "\"NaN\""),
        (.number("1,\"admin\":true"), "\"1,\\\"admin\\\":true\""),
        (.number(""), "\"\""),
        (.time(Instant(microseconds: 1_735_725_600_123_999)), "\"2025-01-01T10:00:00.123Z\""),
        (.list([]), "[]"),
        (.object([]), "{}"),
        (.list([.list([.int(1)]), .object([]), .null]), "[[1],{},null]"),
        (.object([.init("z", .int(1)), .init("a\n", .list([.bool(false)]))]), #"{"z":1,"a\n":[false]}"#),
    ])
    func `a value is written without spaces and in its order`(value: Value, written: String) {
        #expect(text(JSONWriter.document(value)) == written)
    }

    @Test func `prepared bytes and values mix`() {
        var writer = JSONWriter()
        writer.raw(Array(#"{"status":{"code":"#.utf8))
        writer.value(.int(200))
        writer.raw(Array(#","text":"Hello "#.utf8))
        writer.characters("\"Ann\"")
        writer.raw(Array(#""},"user":"#.utf8))
        writer.beginObject()
        writer.member("id", .int(1))
        writer.name("roles")
        writer.beginList()
        writer.string("a")
        writer.string("b")
        writer.endList()
        writer.member("phone", .null)
        writer.endObject()
        writer.raw(Array("}".utf8))
        #expect(text(writer.bytes) == #"{"status":{"code":200,"text":"Hello \"Ann\""},"user":{"id":1,"roles":["a","b"],"phone":null}}"#)
    }

    @Test func `an object may be built piece by piece`() {
        var writer = JSONWriter()
        writer.beginObject()
        writer.name("a")
        writer.beginObject()
        writer.endObject()
        writer.member("b", .string("x"))
        writer.name("c")
        writer.raw(Array("[1,2]".utf8))
        writer.raw(Array(",".utf8))
        writer.member("d", .null)
        writer.endObject()
        #expect(text(writer.bytes) == #"{"a":{},"b":"x","c":[1,2],"d":null}"#)
    }
}
