import Identity
import TestSupport
import Testing

/// Wycheproof's signatures and key sets, and the examples of RFC 7520.
///
/// The project reads no JWK, so what a vector's JWK alone forbids (`use`, `key_ops`) is not judged here; each such vector is named.
@Suite struct JWSVectorTests {
    private static let signatures = "wycheproof/json_web_signature_test.json"
    private static let keySets = "wycheproof/json_web_key_test.json"
    private static let hmacExample = "jose-cookbook/jws/4_4.hmac-sha2_integrity_protection.json"
    private static let rsaExample = "jose-cookbook/jws/4_1.rsa_v15_signature.json"
    private static let isAbsent: Comment = "shared/vectors does not stand beside the checkout"

    /// Called valid, refused here.
    private static let stricter: [Int64: TokenFault] = [
        // A character outside the alphabet, which a lenient decoder may skip (RFC 2045); RFC 7515 section 2 has no such leniency.
        372: .malformed,
        373: .malformed,
    ]

    /// Called invalid, but letter for letter the token of vector 357, which is called valid: their padding was lost.
    private static let mislabelled: Set<Int64> = [367, 370]

    /// The signature is right under RS256; only the JWK says that the key is for encryption, or for PS512.
    private static let forbiddenByJWKOnly: Set<Int64> = [332, 353, 355]

    @Test(.enabled(if: Vectors.path(signatures) != nil, isAbsent)) func `Wycheproof's HS256 and RS256 signatures have their verdicts`()
        throws
    {
        let document = try #require(try Vectors.document(Self.signatures))
        var counts = (accepted: 0, refused: 0)
        for group in document["testGroups"]?.elements ?? [] {
            let jwk = try #require(group["public"] ?? group["private"])
            guard let key = try key(jwk), jwk["alg"]?.string == key.algorithm.rawValue else { continue }
            for test in group["tests"]?.elements ?? [] {
                let id = try #require(test["tcId"]?.int)
                let refusal = try fault(#require(test["jws"]?.string), key)
                let name = "\(id) \(test["comment"]?.string ?? "")"
                if test["result"]?.string == "valid" || Self.mislabelled.contains(id) {
                    #expect(refusal == Self.stricter[id], "\(name)")
                } else {
                    #expect(refusal != nil, "\(name)")
                }
                if refusal == nil { counts.accepted += 1 } else { counts.refused += 1 }
            }
        }
        #expect(counts == (accepted: 18, refused: 255))
    }

    @Test(.enabled(if: Vectors.path(signatures) != nil, isAbsent)) func `an RS256 key refuses every Wycheproof token of another algorithm`()
        throws
    {
        let document = try #require(try Vectors.document(Self.signatures))
        var count = 0
        for group in document["testGroups"]?.elements ?? [] {
            let jwk = try #require(group["public"] ?? group["private"])
            guard jwk["kty"]?.string == "RSA", jwk["alg"]?.string != "RS256", let key = try key(jwk) else { continue }
            for test in group["tests"]?.elements ?? [] {
                let id = try #require(test["tcId"]?.int)
                guard !Self.forbiddenByJWKOnly.contains(id) else { continue }
                #expect(try fault(#require(test["jws"]?.string), key) != nil, "\(id)")
                count += 1
            }
        }
        #expect(count > 40)
    }

    @Test(.enabled(if: Vectors.path(keySets) != nil, isAbsent)) func `Wycheproof's key sets have their verdicts`() throws {
        let document = try #require(try Vectors.document(Self.keySets))
        /// Called valid, refused here: HS384 and HS512 are not offered.
        let notOffered: Set<Int64> = [14, 15]
        /// The JWK alone says that the key is not for this.
        let forbiddenByJWKOnly: Set<Int64> = [6, 25, 26]
        for group in document["testGroups"]?.elements ?? [] {
            let jwks = (group["public"] ?? group["private"])?["keys"]?.elements ?? []
            for test in group["tests"]?.elements ?? [] {
                let id = try #require(test["tcId"]?.int)
                guard !forbiddenByJWKOnly.contains(id) else { continue }
                let isAccepted = accepts(jwks, try #require(test["jws"]?.string))
                let expected = test["result"]?.string == "valid" && !notOffered.contains(id)
                #expect(isAccepted == expected, "\(id) \(test["comment"]?.string ?? "")")
            }
        }
    }

    @Test func `the keys of Wycheproof that must not be keys are none, each for its own reason`() throws {
        guard let document = try Vectors.document(Self.keySets) else { return }
        let reasons: [Int64: KeyFault] = [
            7: .factorableModulus, 8: .shortModulus, 9: .badExponent, 10: .shortSecret(bytes: 31), 16: .shortSecret(bytes: 0),
        ]
        var seen = 0
        for group in document["testGroups"]?.elements ?? [] {
            guard let id = group["tests"]?.elements.first?["tcId"]?.int, let reason = reasons[id],
                let jwk = (group["public"] ?? group["private"])?["keys"]?.elements.first
            else { continue }
            #expect(throws: reason, "\(id)") { try key(jwk) }
            seen += 1
        }
        #expect(seen == reasons.count)
    }

    @Test(.enabled(if: Vectors.path(hmacExample) != nil, isAbsent), arguments: [hmacExample, rsaExample])
    func `the examples of RFC 7520 are signed byte for byte and verified`(name: String) throws {
        let example = try #require(try Vectors.document(name))
        let jwk = try #require(example["input"]?["key"])
        let payload = Array(try #require(example["input"]?["payload"]?.string).utf8)
        let header = try #require(example["signing"]?["protected_b64u"]?.string.flatMap { Base64URL.decode($0.utf8) })
        let compact = try #require(example["output"]?["compact"]?.string)
        let kid = jwk["kid"]?.string
        let key: SigningKey
        if let secret = jwk["k"]?.string.flatMap({ Base64URL.decode($0.utf8) }) {
            key = try .hs256(secret: secret, kid: kid)
        } else {
            key = try .rs256(pem: #require(Keys.pem(rsa: jwk)), kid: kid)
        }
        #expect(try JWS.sign(headerJSON: header, payloadJSON: payload, key: key) == compact)
        #expect(try JWS.payload(compact, key: key.verification) == payload)
    }

    /// The key of a JWK; nil when it is of no kind that the project has.
    private func key(_ jwk: Value) throws(KeyFault) -> VerificationKey? {
        func bytes(_ name: String) -> [UInt8] { jwk[name]?.string.flatMap { Base64URL.decode($0.utf8) } ?? [] }
        switch (jwk["kty"]?.string, jwk["alg"]?.string) {
        case ("oct", "HS256"):
            return try SigningKey.hs256(secret: bytes("k"), kid: jwk["kid"]?.string).verification
        case ("RSA", _) where jwk["n"] != nil:
            return try .rs256(modulus: bytes("n"), exponent: bytes("e"), kid: jwk["kid"]?.string)
        default:
            return nil
        }
    }

    private func fault(_ token: String, _ key: VerificationKey) -> TokenFault? {
        do throws(TokenFault) {
            _ = try JWS.payload(token, key: key)
            return nil
        } catch {
            return error
        }
    }

    /// Whether a ring of these keys, if there can be one, has a key that believes the token.
    private func accepts(_ jwks: [Value], _ token: String) -> Bool {
        guard jwks.count > 1 else {
            guard let jwk = jwks.first, let key = try? key(jwk) else { return false }
            return fault(token, key) == nil
        }
        let keys = jwks.compactMap { jwk in
            jwk["alg"]?.string == "HS256"
                ? (jwk["k"]?.string).flatMap { Base64URL.decode($0.utf8) }.flatMap { secret in
                    try? SigningKey.hs256(secret: secret, kid: jwk["kid"]?.string)
                } : nil
        }
        // A set with keys of several algorithms is no ring.
        guard keys.count == jwks.count, let current = keys.first,
            let ring = try? KeyRing(current: current, overlapping: keys.dropFirst().map(\.verification)),
            let kid = Self.kid(of: token)
        else { return false }
        return ring.verificationKeys(kid: kid).contains { fault(token, $0) == nil }
    }

    private static func kid(of token: String) -> String? {
        guard let header = token.split(separator: ".").first.flatMap({ Base64URL.decode($0.utf8) }) else { return nil }
        return (try? JSONReader.read(header))?["kid"]?.string
    }
}
