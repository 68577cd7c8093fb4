import Foundation
import Testing

@testable import Identity

struct JSONReaderTests {
    @Test(arguments: [
        (#"{"b":1,"a":[true,false,null,"x"]}"#, #"{"b":1,"a":[true,false,null,"x"]}"#),
        (" \t\r\n1 \n", "1"),
        ("0", "0"),
        ("-0", "-0"),
        ("-0.0e+00", "-0.0e+00"),
        ("1E400", "1E400"),
        (#""\u00e9\ud834\udd1e\/""#, "\"é𝄞/\""),
        (#"{"":{}}"#, #"{"":{}}"#),
    ])
    func `a document is read and written again`(text: String, written: String) throws {
        #expect(String(decoding: JSONWriter.document(try JSONReader.read(text.utf8)), as: UTF8.self) == written)
    }

    @Test func `a letter may carry thirty marks, and no more`() throws {
        for mark in ["\u{301}", "\u{323}", "\u{F73}", "\u{344}"] {
            let thirty = String(repeating: mark, count: 30)
            let most = "[\"a\(thirty)b\(thirty)\"]"
            #expect(try JSONReader.read(most.utf8) != .list([]))
            let more = "[\"" + String(repeating: mark, count: 31) + "\"]"
            #expect(throws: JSONFault.invalidUTF8) { try JSONReader.read(more.utf8) }
        }
    }

    @Test(arguments: [
        ("7", Value.int(7)),
        ("-7", .int(-7)),
        ("9223372036854775807", .int(.max)),
        ("-9223372036854775808", .int(.min)),
        ("9223372036854775808", .number("9223372036854775808")),
        ("-9223372036854775809", .number("-9223372036854775809")),
        ("100000000000000000000", .number("100000000000000000000")),
        ("-0", .number("-0")),
        ("1.0", .number("1.0")),
        ("1e3", .number("1e3")),
    ])
    func `an integer of 64 bits is told apart from other numbers`(text: String, value: Value) throws {
        #expect(try JSONReader.read(text.utf8) == value)
    }

    @Test(arguments: [
        ("", JSONFault.syntax(offset: 0)),
        ("{\"a\":1,}", .syntax(offset: 7)),
        ("[1 2]", .syntax(offset: 3)),
        ("tru", .syntax(offset: 3)),
        ("01", .trailing(offset: 1)),
        ("{} x", .trailing(offset: 3)),
        ("{\"a\":1,\"a\":2}", .duplicateMember),
        ("{\"a\":1,\"\\u0061\":2}", .duplicateMember),
        ("[{\"b\":{\"a\":1,\"a\":1}}]", .duplicateMember),
        ("\"a\u{0}b\"", .nul),
        ("\"a\\u0000b\"", .nul),
        ("{\"a\\u0000\":1}", .nul),
        ("\"\\ud800\"", .syntax(offset: 7)),
        ("\"\\ud800\\u0041\"", .syntax(offset: 2)),
        ("\"\\udc00\"", .syntax(offset: 2)),
        ("\"\n\"", .syntax(offset: 1)),
        ("\u{FEFF}{}", .syntax(offset: 0)),
    ])
    func `a document is refused for its reason`(text: String, fault: JSONFault) {
        #expect(throws: fault) { try JSONReader.read(text.utf8) }
    }

    @Test(
        arguments: [
            [0xC0, 0x80], [0xE0, 0x80, 0x80], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xFF], [0xC3], [0x80], [0xF0, 0x9F, 0x98],
        ] as [[UInt8]])
    func `overlong, surrogate and broken UTF-8 is refused in a string`(bytes: [UInt8]) {
        #expect(throws: JSONFault.invalidUTF8) { try JSONReader.read([0x22] + bytes + [0x22]) }
        #expect(throws: JSONFault.invalidUTF8) { try JSONReader.read([0x22] + bytes + Array(#"\n""#.utf8)) }
    }

    @Test func `names that only look alike are two members`() throws {
        let value = try JSONReader.read("{\"\u{E9}\":1,\"e\u{301}\":2}".utf8)
        #expect(value["\u{E9}"] == .int(1))
        #expect(value["e\u{301}"] == .int(2))
    }

    @Test func `a repeated name is found among many`() throws {
        let names = (0..<400).map { "\"name\($0)\":1" }
        #expect(throws: Never.self) { try JSONReader.read(("{" + names.joined(separator: ",") + "}").utf8) }
        #expect(throws: JSONFault.duplicateMember) {
            try JSONReader.read(("{" + (names + ["\"name3\":2"]).joined(separator: ",") + "}").utf8)
        }
    }

    @Test(arguments: [(64, true), (65, false), (100_000, false)])
    func `sixty-four levels are read and one more is not`(levels: Int, isRead: Bool) {
        let text = String(repeating: "[", count: levels) + String(repeating: "]", count: levels)
        if isRead {
            #expect(throws: Never.self) { try JSONReader.read(text.utf8) }
        } else {
            #expect(throws: JSONFault.tooDeep) { try JSONReader.read(text.utf8) }
        }
    }

    @Test func `members and elements are counted over the whole document`() {
        let full = "{\"list\":[" + Array(repeating: "[]", count: 999).joined(separator: ",") + "]}"
        #expect(throws: Never.self) { try JSONReader.read(full.utf8) }
        #expect(throws: JSONFault.tooManyMembers) { try JSONReader.read("[\(full)]".utf8) }
    }

    @Test func `a document longer than the limit is not looked at`() {
        #expect(throws: JSONFault.tooLong) { try JSONReader.read("xxx".utf8, limits: .init(maxBytes: 2)) }
    }

    @Test func `a slice and raw memory are read like an array`() throws {
        let bytes = Array("..[1]..".utf8)
        #expect(try JSONReader.read(bytes[2..<5]) == .list([.int(1)]))
        #expect(try JSONReader.read(bytes.reversed().dropFirst(2).reversed()[2...]) == .list([.int(1)]))
        #expect(try bytes[2..<5].withUnsafeBytes { try JSONReader.read($0) } == .list([.int(1)]))
    }

    @Test func `no run of random bytes crashes the reader`() throws {
        var state: UInt64 = 0x9E37_79B9_7F4A_7C15
        func next() -> UInt64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return state >> 33
        }
        let alphabet = Array("{}[]:,\"\\u0dDeE+-.19 tfn\u{0}\n\u{E9}".utf8) + [0xFF, 0xC0]
        for _ in 0..<20_000 {
            let bytes = (0..<(next() % 24)).map { _ in alphabet[Int(next() % UInt64(alphabet.count))] }
            guard let value = try? JSONReader.read(bytes) else { continue }
            #expect(try JSONReader.read(JSONWriter.document(value)) == value)
        }
    }
}

/// The documents of nst/JSONTestSuite: `y_` is to be accepted, `n_` refused, `i_` is up to us.
struct JSONTestSuiteTests {
    static let folder: URL? = {
        var place = URL(fileURLWithPath: #filePath)
        while place.path != "/" {
            place.deleteLastPathComponent()
            let folder = place.appendingPathComponent("shared/vectors/json-parsing/test_parsing")
            if FileManager.default.fileExists(atPath: folder.path) { return folder }
        }
        return nil
    }()

    static let names: [String] = folder.flatMap { try? FileManager.default.contentsOfDirectory(atPath: $0.path).sorted() } ?? []

    /// Valid JSON that two readers could take in two ways.
    static let refusedThoughValid: [String: JSONFault] = [
        "y_object_duplicated_key.json": .duplicateMember,
        "y_object_duplicated_key_and_value.json": .duplicateMember,
        "y_object_escaped_null_in_key.json": .nul,
        "y_string_null_escape.json": .nul,
    ]

    static let isAbsent: Comment = "shared/vectors/json-parsing does not stand beside the checkout"

    @Test(.enabled(if: folder != nil, isAbsent)) func `the suite is whole`() {
        #expect(Self.names.count == 318)
    }

    @Test(.enabled(if: folder != nil, isAbsent), arguments: names)
    func `a document of the suite is accepted or refused as it should be`(name: String) throws {
        let document = try [UInt8](Data(contentsOf: #require(Self.folder).appendingPathComponent(name)))
        let result: Result<Value, any Error> = Result { try JSONReader.read(document) }
        if let fault = Self.refusedThoughValid[name] {
            #expect(throws: fault) { try result.get() }
        } else if name.hasPrefix("y_") {
            #expect(throws: Never.self) { try result.get() }
        } else if name.hasPrefix("n_") {
            #expect(throws: JSONFault.self) { try result.get() }
        }
        if case .success(let value) = result { #expect(try JSONReader.read(JSONWriter.document(value)) == value) }
    }
}
