import Foundation
import Identity
import Testing

@Suite struct KeyTests {
    @Test func `T11 an HMAC secret under 32 bytes is no key`() throws {
        for count in [0, 1, 31] {
            #expect(throws: KeyFault.shortSecret(bytes: count)) { try SigningKey.hs256(secret: Array(repeating: 7, count: count)) }
        }
        #expect(try SigningKey.hs256(secret: Array(0..<32)).algorithm == .hs256)
    }

    @Test func `T11 the text of a key file is no HMAC secret`() throws {
        let pem = try Keys.rsaPEM.get()
        #expect(throws: KeyFault.pemAsSecret) { try SigningKey.hs256(secret: Array(pem.utf8)) }
    }

    @Test(arguments: [
        "your-super-secret-jwt-key-change-in-production", "CHANGE_ME_CHANGE_ME_CHANGE_ME_please",
        "super-secret-jwt-token-with-at-least-32-characters-long",
        "a-string-secret-at-least-256-bits-long", "0123456789abcdef0123456789abcdef", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
        "correcthorsecorrecthorsecorrecthorse",
        "your-256-bit-secret-your-256-bit-secret", "passwordPASSWORDpassw0rdPASSw0rd!", "abcdefghijklmnopqrstuvwxyz123456",
    ])
    func `T11 a published or repetitive secret is known as weak`(secret: String) throws {
        #expect(try SigningKey.hs256(secret: Array(secret.utf8)).isKnownWeak)
    }

    @Test(arguments: [
        "7f3c9a1e5b2d8046c1f7e93ab54d6280", "uC3nR0mW0q4v8sQmXy7dK2pT9bLfJ6hE", "b2a1f0c4-6a0e-4e57-9c3b-0d9f8a7e6c5d",
        "Tr5UKp2vC9wN1xZ8yQ4mB7sD3fG6hJ0lE+/aI=",
    ])
    func `a random secret is not`(secret: String) throws {
        #expect(try !SigningKey.hs256(secret: Array(secret.utf8)).isKnownWeak)
    }

    @Test func `T11 an RSA key under 2048 bits, of a bad exponent or factorable is no key`() throws {
        let modulus = [0xc5] + [UInt8](repeating: 0x3d, count: 255)
        #expect(throws: KeyFault.shortModulus) {
            try VerificationKey.rs256(modulus: Array(modulus.prefix(128)), exponent: [1, 0, 1])
        }
        for exponent: [UInt8] in [[], [0], [1], [0, 1], [2], [4]] {
            #expect(throws: KeyFault.self) { try VerificationKey.rs256(modulus: modulus, exponent: exponent) }
        }
        #expect(throws: KeyFault.shortModulus) { try SigningKey.generateRSA(bits: 1024) }
        for text in ["", "secret", "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n"] {
            #expect(throws: KeyFault.unreadable) { try SigningKey.rs256(pem: text) }
            #expect(throws: KeyFault.unreadable) { try VerificationKey.rs256(publicPEM: text) }
            #expect(throws: KeyFault.unreadable) { try SigningKey.edDSA(pem: text) }
        }
    }

    @Test func `a generated RSA key signs what its public half verifies`() throws {
        let key = try Keys.rs256(kid: "r1")
        let ring = try KeyRing(current: key)
        let token = try Keys.token(#"{"alg":"RS256","kid":"r1"}"#, by: key)
        #expect(try JWS.verify(token, keys: ring).claims["sub"]?.string == "1")
        #expect(try JWS.payload(token, key: key.verification) == Array(#"{"sub":"1"}"#.utf8))
    }

    @Test func `T22 a JWK has public parameters only, and a secret has none`() throws {
        let rsa = try Keys.rs256(kid: "r1")
        let jwk = try #require(rsa.verification.jwk())
        guard case .object(let members) = jwk else { return #expect(Bool(false)) }
        #expect(members.map(\.name) == ["kty", "n", "e", "alg", "use", "kid"])
        #expect(jwk["e"]?.string == "AQAB")
        #expect(jwk["n"]?.string?.utf8.count == 342)
        #expect(try Keys.hs256(kid: "h1").verification.jwk() == nil)
        #expect(try KeyRing(current: Keys.hs256()).jwks() == .object([.init("keys", .list([]))]))
        #expect(try KeyRing(current: rsa).jwks()["keys"] == .list([jwk]))
    }

    /// RFC 8037 appendix A: the key, its thumbprint and its signature.
    @Test func `Ed25519 is as in RFC 8037`() throws {
        let seed = try #require(Base64URL.decode("nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A".utf8))
        let key = try SigningKey.edDSA(seed: seed)
        #expect(key.verification.jwk()?["x"]?.string == "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo")
        #expect(key.verification.jwk()?["crv"]?.string == "Ed25519")
        #expect(Base64URL.encode(key.id.bytes) == "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k")
        let token = try JWS.sign(
            headerJSON: Array(#"{"alg":"EdDSA"}"#.utf8), payloadJSON: Array("Example of Ed25519 signing".utf8), key: key)
        #expect(
            token == "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc."
                + "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg")
        #expect(try JWS.payload(token, key: key.verification) == Array("Example of Ed25519 signing".utf8))
    }

    /// RFC 7638 section 3.1.
    @Test func `an RSA key's id is its thumbprint`() throws {
        let modulus = try #require(
            Base64URL.decode(
                ("0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMs"
                    + "tn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn"
                    + "1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw").utf8)
        )
        let key = try VerificationKey.rs256(modulus: modulus, exponent: [1, 0, 1])
        #expect(Base64URL.encode(key.id.bytes) == "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs")
    }

    @Test func `keys of one secret have one id, others another`() throws {
        #expect(try Keys.hs256().id == Keys.hs256(kid: "other").id)
        #expect(try Keys.hs256().id != SigningKey.hs256(secret: Keys.secret + [1]).id)
    }

    @Test func `a ring's keys are of one algorithm and have names of their own`() throws {
        let (a, b) = (try Keys.hs256(kid: "a"), try Keys.hs256(kid: "a"))
        #expect(throws: KeyFault.repeatedKeyID) { try KeyRing(current: a, overlapping: [b.verification]) }
        let rsa = try Keys.rs256()
        #expect(throws: KeyFault.mixedAlgorithms) { try KeyRing(current: a, overlapping: [rsa.verification]) }
        #expect(throws: KeyFault.emptyKeyID) { try Keys.hs256(kid: "") }
    }

    @Test func `P11 a key does not show when it is printed`() throws {
        var printed = ""
        for key in [try Keys.hs256(kid: "h1"), try Keys.rs256()] {
            dump(key, to: &printed)
            printed += "\(key)" + String(reflecting: key)
        }
        #expect(printed.contains("h1"))
        #expect(!printed.contains("Mirror") && !printed.contains("Material") && printed.utf8.count < 300, "\(printed)")
    }
}
