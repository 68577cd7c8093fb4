import Identity
import Testing

@Suite struct Base64URLTests {
    @Test(
        arguments: [
            ("", []), ("Zg", Array("f".utf8)), ("Zm8", Array("fo".utf8)), ("Zm9v", Array("foo".utf8)), ("-_-_", [0xfb, 0xff, 0xbf]),
            ("AAECAwQF", [0, 1, 2, 3, 4, 5]),
        ] as [(String, [UInt8])])
    func `bytes have one spelling`(text: String, bytes: [UInt8]) {
        #expect(Base64URL.encode(bytes) == text)
        #expect(Base64URL.decode(text.utf8) == bytes)
    }

    @Test func `every length goes there and back`() {
        for count in 0..<300 {
            let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 167 &+ count) }
            #expect(Base64URL.decode(Base64URL.encode(bytes).utf8) == bytes)
        }
    }

    @Test(arguments: [
        "A", "AAAAA", "Zg==", "Zg=", "Zm8=", "Zm9v=", "=", "Zh", "Zm9", "Zm+v", "Zm/v", "Zm 9v", " Zm9v", "Zm9v\n", "Zm9v\r\n", "Zm\09v",
        "Zmé9v",
        "Zm9v.", "Ｚm9v",
    ])
    func `no other spelling is read`(text: String) {
        #expect(Base64URL.decode(text.utf8) == nil)
    }

    @Test func `of all two-letter spellings one in sixteen is read, of all three-letter ones one in four`() {
        let alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8
        let pairs = alphabet.flatMap { first in alphabet.map { [first, $0] } }.filter { Base64URL.decode($0) != nil }
        #expect(pairs.count == 256)
        let triples = alphabet.flatMap { middle in alphabet.map { [UInt8(ascii: "Q"), middle, $0] } }.filter { Base64URL.decode($0) != nil }
        #expect(triples.count == 1024)
    }
}
