import Crypto
import CryptoExtras

/// A key that verifies signatures of one algorithm.
///
/// What it is good for is fixed when it is made and never taken from a token.
package struct VerificationKey: Sendable {
    enum Material: Sendable {
        /// Keyed once; each use works on a copy of the state.
        case hmac(HMAC<SHA256>)
        case rsa(_RSA.Signing.PublicKey, RSANumbers)
        case ed25519(Curve25519.Signing.PublicKey)
    }

    package let algorithm: SigningAlgorithm
    /// The name that tokens call it by, compared byte by byte; nil when the tokens of this key carry none.
    package let kid: String?
    /// Names the key without telling it, for lists of keys and caches: for public keys the RFC 7638 thumbprint.
    package let id: Digest
    let material: Material

    /// Reads an RSA public key (PEM, `PUBLIC KEY` or `RSA PUBLIC KEY`) for RS256; at least 2048 bits.
    package static func rs256(publicPEM: String, kid: String? = nil) throws(KeyFault) -> VerificationKey {
        guard let key = try? _RSA.Signing.PublicKey(unsafePEMRepresentation: publicPEM) else { throw .unreadable }
        return try rs256(key, kid: kid)
    }

    /// Makes an RSA public key of its two numbers, big endian, for RS256; at least 2048 bits.
    package static func rs256(modulus: [UInt8], exponent: [UInt8], kid: String? = nil) throws(KeyFault) -> VerificationKey {
        guard modulus.drop(while: { $0 == 0 }).count >= 256 else { throw .shortModulus }
        guard exponent.drop(while: { $0 == 0 }) != [1] else { throw .badExponent }
        guard let key = try? _RSA.Signing.PublicKey(n: modulus, e: exponent) else { throw .unreadable }
        return try rs256(key, kid: kid)
    }

    /// Makes an Ed25519 public key of its 32 bytes, for EdDSA.
    package static func edDSA(publicBytes: [UInt8], kid: String? = nil) throws(KeyFault) -> VerificationKey {
        guard let key = try? Curve25519.Signing.PublicKey(rawRepresentation: publicBytes) else { throw .unreadable }
        return try edDSA(key, kid: kid)
    }

    static func hs256(_ state: HMAC<SHA256>, kid: String?) throws(KeyFault) -> VerificationKey {
        var state = state
        let keyed = state
        state.update(data: Array("dragoman key id".utf8))
        return VerificationKey(algorithm: .hs256, kid: try named(kid), id: Digest(bytes: Array(state.finalize())), material: .hmac(keyed))
    }

    static func rs256(_ key: _RSA.Signing.PublicKey, kid: String?) throws(KeyFault) -> VerificationKey {
        let numbers = try RSAKeyCheck.check(key)
        let canonical = #"{"e":"\#(Base64URL.encode(numbers.exponent))","kty":"RSA","n":"\#(Base64URL.encode(numbers.modulus))"}"#
        return VerificationKey(algorithm: .rs256, kid: try named(kid), id: thumbprint(canonical), material: .rsa(key, numbers))
    }

    static func edDSA(_ key: Curve25519.Signing.PublicKey, kid: String?) throws(KeyFault) -> VerificationKey {
        let canonical = #"{"crv":"Ed25519","kty":"OKP","x":"\#(Base64URL.encode(key.rawRepresentation))"}"#
        return VerificationKey(algorithm: .edDSA, kid: try named(kid), id: thumbprint(canonical), material: .ed25519(key))
    }

    /// Says whether the signature is this key's over the input.
    ///
    /// `hash` is the input's. The MAC is compared in constant time.
    func isValid(_ signature: [UInt8], over input: UnsafeRawBufferPointer, hash: SHA256Digest) -> Bool {
        switch material {
        case .hmac(let keyed):
            var state = keyed
            state.update(data: input)
            return state.finalize().withUnsafeBytes { mac in
                guard mac.count == signature.count else { return false }
                var difference: UInt8 = 0
                for at in 0..<mac.count { difference |= mac[at] ^ signature[at] }
                return difference == 0
            }
        case .rsa(let key, _):
            return key.isValidSignature(
                _RSA.Signing.RSASignature(rawRepresentation: signature), for: hash, padding: .insecurePKCS1v1_5)
        case .ed25519(let key):
            return key.isValidSignature(signature, for: input)
        }
    }

    /// The public parameters as a JWK (RFC 7517); nil for a secret key, which has none.
    package func jwk() -> Value? {
        var members: [Value.Member]
        switch material {
        case .hmac:
            return nil
        case .rsa(_, let numbers):
            members = [
                .init("kty", .string("RSA")), .init("n", .string(Base64URL.encode(numbers.modulus))),
                .init("e", .string(Base64URL.encode(numbers.exponent))),
            ]
        case .ed25519(let key):
            members = [
                .init("kty", .string("OKP")), .init("crv", .string("Ed25519")),
                .init("x", .string(Base64URL.encode(key.rawRepresentation))),
            ]
        }
        members += [.init("alg", .string(algorithm.rawValue)), .init("use", .string("sig"))]
        if let kid { members.append(.init("kid", .string(kid))) }
        return .object(members)
    }

    private static func named(_ kid: String?) throws(KeyFault) -> String? {
        guard kid?.isEmpty != true else { throw .emptyKeyID }
        return kid
    }

    private static func thumbprint(_ canonical: String) -> Digest {
        SHA256.hash(data: Array(canonical.utf8)).withUnsafeBytes { Digest(bytes: Array($0)) }
    }
}
