import Crypto
import CryptoExtras

/// A key that signs with one algorithm, and its verifying half.
///
/// Its description is a mask.
package struct SigningKey: Sendable {
    private enum Material: Sendable {
        case hmac(HMAC<SHA256>)
        case rsa(_RSA.Signing.PrivateKey)
        case ed25519(Curve25519.Signing.PrivateKey)
    }

    private let material: Material
    package let verification: VerificationKey
    /// Whether it is an HMAC secret that is published or guessable; a production profile refuses to start with one.
    package let isKnownWeak: Bool

    package var algorithm: SigningAlgorithm { verification.algorithm }
    package var kid: String? { verification.kid }
    package var id: Digest { verification.id }

    /// Takes a secret of at least 32 bytes for HS256.
    package static func hs256(secret: [UInt8], kid: String? = nil) throws(KeyFault) -> SigningKey {
        guard !secret.starts(with: Array("-----BEGIN".utf8)) else { throw .pemAsSecret }
        guard secret.count >= 32 else { throw .shortSecret(bytes: secret.count) }
        let state = HMAC<SHA256>(key: SymmetricKey(data: secret))
        return SigningKey(
            material: .hmac(state), verification: try .hs256(state, kid: kid), isKnownWeak: WeakSecrets.isWeak(secret))
    }

    /// Reads an RSA private key (PEM, `PRIVATE KEY` or `RSA PRIVATE KEY`) for RS256; at least 2048 bits.
    package static func rs256(pem: String, kid: String? = nil) throws(KeyFault) -> SigningKey {
        guard let key = try? _RSA.Signing.PrivateKey(unsafePEMRepresentation: pem) else { throw .unreadable }
        return SigningKey(material: .rsa(key), verification: try .rs256(key.publicKey, kid: kid), isKnownWeak: false)
    }

    /// Reads an Ed25519 private key (PEM, `PRIVATE KEY`) for EdDSA.
    package static func edDSA(pem: String, kid: String? = nil) throws(KeyFault) -> SigningKey {
        guard let key = try? Curve25519.Signing.PrivateKey(pemRepresentation: pem) else { throw .unreadable }
        return SigningKey(material: .ed25519(key), verification: try .edDSA(key.publicKey, kid: kid), isKnownWeak: false)
    }

    /// Makes an Ed25519 private key of its 32 bytes, for EdDSA.
    package static func edDSA(seed: [UInt8], kid: String? = nil) throws(KeyFault) -> SigningKey {
        guard let key = try? Curve25519.Signing.PrivateKey(rawRepresentation: seed) else { throw .unreadable }
        return SigningKey(material: .ed25519(key), verification: try .edDSA(key.publicKey, kid: kid), isKnownWeak: false)
    }

    /// Writes the Ed25519 private key of these 32 bytes as PEM (`PRIVATE KEY`).
    package static func edDSAPEM(seed: [UInt8]) throws(KeyFault) -> String {
        guard let key = try? Curve25519.Signing.PrivateKey(rawRepresentation: seed) else { throw .unreadable }
        return key.pemRepresentation
    }

    /// Makes a new RSA private key of 2048, 3072 or 4096 bits, as PEM.
    ///
    /// It draws on the crypto library's own randomness and takes up to seconds.
    package static func generateRSA(bits: Int = 2048) throws(KeyFault) -> String {
        guard [2048, 3072, 4096].contains(bits) else { throw .shortModulus }
        guard let key = try? _RSA.Signing.PrivateKey(keySize: .init(bitCount: bits)) else { throw .failed }
        return key.pkcs8PEMRepresentation
    }

    /// Signs the input; the form of the signature is JOSE's.
    func signature(over input: [UInt8]) throws(KeyFault) -> [UInt8] {
        switch material {
        case .hmac(let keyed):
            var state = keyed
            state.update(data: input)
            return state.finalize().withUnsafeBytes { Array($0) }
        case .rsa(let key):
            guard let signature = try? key.signature(for: SHA256.hash(data: input), padding: .insecurePKCS1v1_5) else { throw .failed }
            return signature.withUnsafeBytes { Array($0) }
        case .ed25519(let key):
            guard let signature = try? key.signature(for: input) else { throw .failed }
            return Array(signature)
        }
    }
}

extension SigningKey: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String { "<\(algorithm.rawValue) key \(kid ?? "without kid")>" }
    package var debugDescription: String { description }
    package var customMirror: Mirror { Mirror(self, children: []) }
}
