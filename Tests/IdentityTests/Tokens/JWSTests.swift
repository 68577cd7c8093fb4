import Foundation
import Glibc
import Identity
import Testing

@Suite struct JWSTests {
    let key: SigningKey
    let ring: KeyRing
    /// Signed by `key`, without `kid`.
    let token: String

    init() throws {
        key = try Keys.hs256(kid: "k1")
        ring = try KeyRing(current: key)
        token = try Keys.token(#"{"alg":"HS256","typ":"JWT"}"#, #"{"sub":"1","name":"Zoë"}"#, by: key)
    }

    @Test func `a token of ours is read whole`() throws {
        let read = try JWS.verify(token, keys: ring)
        #expect(read.header == .object([.init("alg", .string("HS256")), .init("typ", .string("JWT"))]))
        #expect(read.claims == .object([.init("sub", .string("1")), .init("name", .string("Zoë"))]))
        #expect(read.keyID == key.id)
        #expect(read.signingInputDigest.bytes.count == 32)
        let other = try JWS.verify(Keys.token(#"{"alg":"HS256","typ":"JWT"}"#, #"{"sub":"2"}"#, by: key), keys: ring)
        #expect(other.signingInputDigest != read.signingInputDigest)
    }

    /// RFC 7515 appendix A.1: its header has line breaks, and its claims are an object.
    @Test func `the first example of RFC 7515 is read, and signed again byte for byte`() throws {
        let secret = try #require(
            Base64URL.decode("AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow".utf8))
        let key = try SigningKey.hs256(secret: secret)
        let token =
            "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9."
            + "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ."
            + "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
        let read = try JWS.verify(token, keys: KeyRing(current: key))
        #expect(read.claims["exp"]?.int == 1_300_819_380)
        #expect(
            try JWS.sign(
                headerJSON: Array("{\"typ\":\"JWT\",\r\n \"alg\":\"HS256\"}".utf8),
                payloadJSON: Array("{\"iss\":\"joe\",\r\n \"exp\":1300819380,\r\n \"http://example.com/is_root\":true}".utf8), key: key)
                == token)
    }

    @Test(arguments: ["HS384", "HS512", "RS256", "RS512", "PS256", "ES256", "EdDSA"])
    func `T1 another algorithm than the key's is refused before any signature work`(name: String) throws {
        // The MAC is right, so only the name can be what is refused.
        #expect(fault(try Keys.token(#"{"alg":"\#(name)"}"#, by: key)) == .algorithmMismatch)
        #expect(fault(try Keys.token(#"{"alg":"\#(name)","kid":"unknown"}"#, by: key)) == .algorithmMismatch)
    }

    @Test(arguments: [
        #""none""#, #""None""#, #""NONE""#, #""nOnE""#, #""none ""#, #""\u006eone""#, #""""#, "null", "0", "true", "[]", #"["HS256"]"#,
        "{}", #""hs256""#,
        #""Hs256""#, #""HS256 ""#, #"" HS256""#, #""HS256\n""#, #""ＨＳ256""#, #""HS2560""#, #""HS1""#, #""A128KW""#, #""dir""#,
    ])
    func `T2 none in any spelling and names that JOSE does not know are refused`(alg: String) throws {
        let header = #"{"alg":\#(alg)}"#
        let signed = try Keys.token(header, by: key)
        let parts = signed.split(separator: ".")
        for text in [signed, "\(parts[0]).\(parts[1]).", "\(parts[0]).\(parts[1]).\(token.split(separator: ".")[2])"] {
            #expect(fault(text) == .algorithmUnknown)
        }
        #expect(fault(try Keys.token("{}", by: key)) == .algorithmUnknown)
        #expect(fault("\(parts[0]).\(parts[1])") == .wrongSegments)
    }

    @Test func `T3 a token MACed with the RSA public key is refused in every form of that key`() throws {
        let rsa = try Keys.rs256(kid: "r1")
        let ring = try KeyRing(current: rsa)
        let jwk = try #require(rsa.verification.jwk())
        let modulus = try #require(jwk["n"]?.string.flatMap { Base64URL.decode($0.utf8) })
        let pkcs1 = [0x30, 0x82, 0x01, 0x0a, 0x02, 0x82, 0x01, 0x01, 0x00] + modulus + [0x02, 0x03, 0x01, 0x00, 0x01]
        let spki =
            [
                0x30, 0x82, 0x01, 0x22, 0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00, 0x03,
                0x82, 0x01, 0x0f, 0x00,
            ]
            + pkcs1
        let body = Data(spki).base64EncodedString(options: [.lineLength64Characters, .endLineWithLineFeed])
        let pem = "-----BEGIN PUBLIC KEY-----\n\(body)\n-----END PUBLIC KEY-----\n"
        #expect(try VerificationKey.rs256(publicPEM: pem).id == rsa.id)
        let forms: [[UInt8]] = [
            Array(pem.utf8), Array(pem.dropLast().utf8), Array(pem.replacingOccurrences(of: "\n", with: "\r\n").utf8),
            Array(pem.replacingOccurrences(of: "\n", with: "").utf8), Array(body.utf8), spki, pkcs1, modulus,
        ]
        for form in forms {
            // A space before the dashes keeps our own factory from refusing the PEM, which is another promise.
            for secret in [form, [0x20] + form] {
                guard let forger = try? SigningKey.hs256(secret: secret) else { continue }
                for alg in ["HS256", "HS512"] {
                    #expect(fault(try Keys.token(#"{"alg":"\#(alg)","kid":"r1"}"#, by: forger), ring) == .algorithmMismatch)
                }
                #expect(fault(try Keys.token(#"{"alg":"RS256","kid":"r1"}"#, by: forger), ring) == .badSignature)
            }
        }
    }

    @Test(arguments: ["k2", "K1", "k1 ", " k1", "k", "k11", "", "k1\\u0000", "../k1", "' OR 1=1 --", "http://evil.example/k1", "k\\u0301"])
    func `T4 an unknown kid is refused, and no other key is tried`(kid: String) throws {
        let refused = fault(try Keys.token(#"{"alg":"HS256","kid":"\#(kid)"}"#, by: key))
        #expect(refused == (kid.contains("0000") ? .malformed : .unknownKey))
    }

    @Test(arguments: ["1", "null", "[\"k1\"]", "{}"])
    func `T4 a kid that is not a string is malformed`(kid: String) throws {
        #expect(fault(try Keys.token(#"{"alg":"HS256","kid":\#(kid)}"#, by: key)) == .malformed)
    }

    @Test func `T4 a kid in another normal form of the same letters is unknown`() throws {
        let ring = try KeyRing(current: Keys.hs256(kid: "\u{e9}"))
        #expect(fault(try Keys.token("{\"alg\":\"HS256\",\"kid\":\"\u{e9}\"}", by: key), ring) == nil)
        #expect(fault(try Keys.token("{\"alg\":\"HS256\",\"kid\":\"e\u{301}\"}", by: key), ring) == .unknownKey)
    }

    @Test func `T21 a token without kid is tried against every key of the ring, one with a kid against its own`() throws {
        let old = try SigningKey.hs256(secret: Array(Keys.secret.reversed()), kid: "k0")
        let imported = try SigningKey.hs256(secret: Keys.secret + [1])
        let ring = try KeyRing(current: key, overlapping: [old.verification, imported.verification])
        for signer in [key, old, imported] {
            #expect(try JWS.verify(Keys.token(#"{"alg":"HS256"}"#, by: signer), keys: ring).keyID == signer.id)
        }
        #expect(fault(try Keys.token(#"{"alg":"HS256","kid":"k0"}"#, by: old), ring) == nil)
        #expect(fault(try Keys.token(#"{"alg":"HS256","kid":"k0"}"#, by: key), ring) == .badSignature)
        #expect(fault(try Keys.token(#"{"alg":"HS256","kid":"k1"}"#, by: imported), ring) == .badSignature)
        #expect(fault(try Keys.token(#"{"alg":"HS256"}"#, by: old)) == .badSignature)
        #expect(fault(try Keys.token(#"{"alg":"HS256","kid":"k0"}"#, by: old)) == .unknownKey)
    }

    @Test(arguments: [
        #""jwk":{"kty":"oct","k":"AAAA"}"#, #""jku":"https://evil.example/jwks.json""#, #""x5u":"https://evil.example/c.pem""#,
        #""x5c":["AAAA"]"#,
        #""jwk":null"#, #""jku":"""#,
    ])
    func `T5 a header that brings or points to a key is refused`(member: String) throws {
        #expect(fault(try Keys.token(#"{"alg":"HS256",\#(member)}"#, by: key)) == .critical)
        #expect(fault(try Keys.token(#"{\#(member),"alg":"HS256","kid":"k1"}"#, by: key)) == .critical)
    }

    @Test(arguments: [#"["exp"]"#, #"["b64"]"#, "[]", "null", #""exp""#, #"["http://example.com/UNDEFINED"]"#])
    func `T6 any crit is refused`(crit: String) throws {
        #expect(fault(try Keys.token(#"{"alg":"HS256","crit":\#(crit),"exp":1}"#, by: key)) == .critical)
    }

    @Test func `T7 and T13 every other spelling of a good token is refused`() throws {
        let parts = token.split(separator: ".").map(String.init)
        #expect(fault(token) == nil)
        var count = 0
        for at in 0..<3 {
            let part = parts[at]
            var spellings = [part + "=", part + "==", " " + part, part + " ", part + "\n", part + "?", part + "A", "\u{feff}" + part]
            for middle in [1, part.utf8.count / 2] {
                let cut = part.index(part.startIndex, offsetBy: middle)
                spellings += [" ", "\n", "\r\n", "\t", "?", "=", "%", "\u{200b}", "A"].map { String(part[..<cut]) + $0 + part[cut...] }
            }
            // Other trailing bits, where the part has any.
            let alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
            for last in alphabet where last != part.last { spellings.append(part.dropLast() + String(last)) }
            spellings += [part.uppercased(), part.lowercased(), String(part.dropLast()), String(part.dropFirst())]
            for spelling in spellings where spelling != part {
                var changed = parts
                changed[at] = spelling
                let refusal = fault(changed.joined(separator: "."))
                #expect(refusal == .malformed || refusal == .badSignature || refusal == .algorithmUnknown, "part \(at): \(spelling)")
                count += 1
            }
        }
        #expect(count > 200)
        for text in [
            token + ".", "." + token, token + "." + parts[2], "\(parts[0]).\(parts[1])", parts[0], "", "..", "a.b", "...",
            "Bearer " + token,
        ] {
            #expect(fault(text) != nil, "\(text)")
        }
        #expect(fault("") == .wrongSegments)
        #expect(fault(token + ".") == .wrongSegments)
    }

    @Test func `T7 plus and slash are not minus and underscore`() throws {
        // Claims whose spelling holds both signs of the URL alphabet.
        let text = try Keys.token(#"{"alg":"HS256"}"#, #"{"a":"???>>>~~~ooo"}"#, by: key)
        #expect(text.contains("_") || text.contains("-"))
        #expect(fault(text) == nil)
        #expect(fault(text.replacing("_", with: "/").replacing("-", with: "+")) == .malformed)
    }

    @Test(arguments: [
        #"{"alg":"HS256","alg":"HS256"}"#, #"{"alg":"none","alg":"HS256"}"#, #"{"alg":"HS256","\u0061lg":"none"}"#,
        "\u{feff}{\"alg\":\"HS256\"}",
        #"{"alg":"HS256"}x"#, #"{"alg":"HS256"} {}"#, #"{"alg":"HS256",}"#, #"{'alg':'HS256'}"#, #"{"alg":"HS256"/**/}"#,
        #"{"alg":"HS256","x":01}"#,
        #"["HS256"]"#, #""HS256""#, "null", "1", "", " ", "{", #"{"alg":"HS256","kid":"\u0000"}"#, #"{"alg":"HS256","x":"\ud800"}"#,
        "{\"alg\":\"HS256\",\"x\":\"\n\"}",
    ])
    func `T8 a header that is not one strict object is refused`(header: String) throws {
        #expect(fault(try Keys.token(header, by: key)) == .malformed)
    }

    @Test(arguments: [
        #"{"sub":"1","sub":"2"}"#, #"{"sub":"1","s\u0075b":"2"}"#, #"{"a":{"b":1,"b":2}}"#, "\u{feff}{\"sub\":\"1\"}", #"{"sub":"1"}x"#,
        #"{"sub":"1"}{"#,
        #"{"sub":NaN}"#, #"["sub"]"#, #""sub""#, "null", "", "{", "foo",
    ])
    func `T8 claims that are not one strict object are refused although their signature is right`(claims: String) throws {
        #expect(fault(try Keys.token(#"{"alg":"HS256"}"#, claims, by: key)) == .malformed)
    }

    @Test func `T8 bytes that are not UTF-8 are refused`() throws {
        let good = Array(#"{"sub":"x"}"#.utf8)
        for bad: [UInt8] in [[0xff], [0xc0, 0xaf], [0xed, 0xa0, 0x80], [0xf5, 0x80, 0x80, 0x80], [0xc3]] {
            let claims = good.dropLast(3) + bad + good.suffix(2)
            #expect(fault(try JWS.sign(headerJSON: Array(#"{"alg":"HS256"}"#.utf8), payloadJSON: Array(claims), key: key)) == .malformed)
        }
        // UTF-16 of a good object.
        let wide: [UInt8] = good.flatMap { [$0, 0] as [UInt8] }
        #expect(fault(try JWS.sign(headerJSON: Array(#"{"alg":"HS256"}"#.utf8), payloadJSON: wide, key: key)) == .malformed)
    }

    @Test(arguments: [
        ("60 KB of one part", String(repeating: "a", count: 60_000)),
        ("60 000 dots", String(repeating: ".", count: 60_000)),
        ("1 MB of a.a.a", String(repeating: "a.", count: 524_288)),
        ("60 KB of three parts", "eyJhbGciOiJIUzI1NiJ9." + String(repeating: "A", count: 60_000) + ".AAAA"),
        ("8 KB of dots", String(repeating: ".", count: 8192)),
        ("8 KB of nested lists", "eyJhbGciOiJIUzI1NiJ9." + String(repeating: "W1tb", count: 2000) + ".AAAA"),
    ])
    func `T17 a huge token costs next to nothing`(name: String, text: String) {
        var least = Int.max
        for _ in 0..<5 {
            let before = cpuTime()
            let refusal = fault(text)
            least = min(least, cpuTime() - before)
            #expect(refusal == .malformed || refusal == .wrongSegments)
        }
        #expect(least < 5_000_000, "\(name): \(least) ns")
    }

    @Test func `T17 a token of 8 KiB is read, one byte more is not`() throws {
        func token(_ padding: Int) throws -> String {
            try Keys.token(#"{"alg":"HS256"}"#, #"{"a":"\#(String(repeating: "x", count: padding))"}"#, by: key)
        }
        let padding = try #require((5900..<6150).last { (try? token($0).utf8.count <= JWSReading.maxBytes) == true })
        #expect(fault(try token(padding)) == nil)
        #expect(fault(try token(padding + 1)) == .malformed)
    }

    @Test func `faults are told in their order`() throws {
        #expect(fault("x.y") == .wrongSegments)
        #expect(fault("x.y.z") == .malformed)
        #expect(fault(try Keys.token(#"{"alg":"none","crit":[],"kid":"?"}"#, "foo", by: key)) == .malformed)
        #expect(fault(try Keys.token(#"{"alg":"none","crit":[],"kid":"?"}"#, by: key)) == .algorithmUnknown)
        #expect(fault(try Keys.token(#"{"alg":"RS256","crit":[],"kid":"?"}"#, by: key)) == .algorithmMismatch)
        #expect(fault(try Keys.token(#"{"alg":"HS256","crit":[],"kid":"?"}"#, by: key)) == .critical)
        let stranger = try SigningKey.hs256(secret: Array(100..<140))
        #expect(fault(try Keys.token(#"{"alg":"HS256","kid":"?"}"#, by: stranger)) == .unknownKey)
        #expect(fault(try Keys.token(#"{"alg":"HS256","kid":"k1"}"#, by: stranger)) == .badSignature)
    }

    private func fault(_ token: String, _ keys: KeyRing? = nil) -> TokenFault? {
        do throws(TokenFault) {
            _ = try JWS.verify(token, keys: keys ?? ring)
            return nil
        } catch {
            return error
        }
    }

    private func cpuTime() -> Int {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return time.tv_sec * 1_000_000_000 + time.tv_nsec
    }
}
