import DialectEngine
import Identity
import Testing

struct FormReaderTests {
    @Test(arguments: [
        ("", "{}"),
        ("&&", "{}"),
        ("a=1", #"{"a":"1"}"#),
        ("b=2&a=1", #"{"b":"2","a":"1"}"#),
        ("a", #"{"a":""}"#),
        ("a=&b=", #"{"a":"","b":""}"#),
        ("a=b=c", #"{"a":"b=c"}"#),
        ("=x", #"{"":"x"}"#),
        ("a=1+2%2B3%20%c3%A9é", #"{"a":"1 2+3 éé"}"#),
        ("user[email]=a%40b.c&user[password]=x", #"{"user":{"email":"a@b.c","password":"x"}}"#),
        ("user%5Bemail%5D=x&z=1&user%5Brole%5D=y", #"{"user":{"email":"x","role":"y"},"z":"1"}"#),
        ("a[]=1&a[]=2", #"{"a":["1","2"]}"#),
        ("a[b][]=1&a[b][]=", #"{"a":{"b":["1",""]}}"#),
        ("a[][b]=1&a[][b]=2", #"{"a":[{"b":"1"},{"b":"2"}]}"#),
        ("a[b=1&[c]=2&a]=3&a[b]c=4&a[[b]]=5", #"{"a[b":"1","[c]":"2","a]":"3","a[b]c":"4","a[[b]]":"5"}"#),
        ("a[0]=x&a[1]=y", #"{"a":{"0":"x","1":"y"}}"#),
        ("true=true&null=null", #"{"true":"true","null":"null"}"#),
        ("%C3%A9=1&e%CC%81=2", "{\"\u{E9}\":\"1\",\"e\u{301}\":\"2\"}"),
    ])
    func `fields become a tree of strings`(form: String, json: String) throws {
        #expect(String(decoding: JSONWriter.document(try FormReader.read(form.utf8)), as: UTF8.self) == json)
    }

    @Test(arguments: [
        ("a=%", FormFault.badEscape),
        ("a=%4", .badEscape),
        ("a%4=1", .badEscape),
        ("a=%zz", .badEscape),
        ("a=%+1", .badEscape),
        ("a=%ff", .invalidUTF8),
        ("%c3=1", .invalidUTF8),
        ("a=%c0%80", .invalidUTF8),
        ("a=%ed%a0%80", .invalidUTF8),
        ("a=x%00", .nul),
        ("a=x\u{0}", .nul),
        ("a%00=x", .nul),
        ("a[%00]=x", .nul),
        ("a=1&a=2", .duplicate),
        ("a=1&%61=1", .duplicate),
        ("a[b]=1&a[b]=2", .duplicate),
        ("a=1&a[]=2", .duplicate),
        ("a=1&a[b]=2", .duplicate),
        ("a[]=1&a[b]=2", .duplicate),
        ("a[b]=1&a[]=2", .duplicate),
        ("a[b]=1&a=2", .duplicate),
    ])
    func `a form is refused for its reason`(form: String, fault: FormFault) {
        #expect(throws: fault) { try FormReader.read(form.utf8) }
    }

    @Test func `a thousand empty fields are passed over and one more is not`() throws {
        let thousand = String(repeating: "&", count: 1000)
        #expect(try FormReader.read((thousand + "a=1").utf8)["a"] == .string("1"))
        for form in [thousand + "&", thousand + "&a=1", "a=1&&" + thousand, String(repeating: "&", count: 1 << 20)] {
            #expect(throws: FormFault.tooManyFields) { try FormReader.read(form.utf8) }
        }
    }

    @Test func `sixty-four levels are read and one more is not`() {
        let levels = String(repeating: "[b]", count: 63)
        #expect(throws: Never.self) { try FormReader.read("a\(levels)=1".utf8) }
        #expect(throws: FormFault.tooDeep) { try FormReader.read("a\(levels)[b]=1".utf8) }
        #expect(throws: FormFault.tooDeep) { try FormReader.read(("a" + String(repeating: "[]", count: 50_000) + "=1").utf8) }
    }

    @Test func `a thousand fields are read and one more is not`() {
        let fields = (0..<1000).map { "f\($0)=1" }.joined(separator: "&")
        #expect(throws: Never.self) { try FormReader.read(fields.utf8) }
        #expect(throws: FormFault.tooManyFields) { try FormReader.read("\(fields)&more=1".utf8) }
        let elements = Array(repeating: "a[]=1", count: 999).joined(separator: "&")
        #expect(throws: Never.self) { try FormReader.read(elements.utf8) }
        #expect(throws: FormFault.tooManyFields) { try FormReader.read("\(elements)&a[]=1".utf8) }
        #expect(throws: FormFault.tooManyFields) { try FormReader.read((0..<600).map { "a\($0)[b]=1" }.joined(separator: "&").utf8) }
    }

    @Test func `a form longer than the limit is not looked at`() {
        #expect(throws: FormFault.tooLong) { try FormReader.read("a=%".utf8, limits: .init(maxBytes: 2)) }
    }

    @Test func `a query string is read like a form`() throws {
        let query = try FormReader.read("token=a%2Fb&email=x%2By%40z.org".utf8)
        #expect(query["token"] == .string("a/b"))
        #expect(query["email"] == .string("x+y@z.org"))
    }

    @Test func `no run of random bytes crashes the reader`() {
        var random = RandomBytes()
        let words = ["a", "b", "=", "&", "[", "]", "[]", "[a]", "%", "%41", "%00", "%c3%a9", "+", "é"]
        for _ in 0..<10_000 {
            guard let value = try? FormReader.read(random.run(of: words, upTo: 20)) else { continue }
            #expect((try? JSONReader.read(JSONWriter.document(value))) == value)
        }
    }
}
