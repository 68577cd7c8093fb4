package import Identity

/// The keys of one frontend: one that signs, and older ones with the moment at which they stop to count.
package struct FrontendKeys: Sendable {
    package let current: SigningKey
    package let older: [(key: VerificationKey, until: Instant)]
    /// Whether the key was generated here, and not given by the configuration.
    package let isGenerated: Bool
    private let alone: KeyRing

    package init(current: SigningKey, older: [(key: VerificationKey, until: Instant)] = [], isGenerated: Bool) throws(KeyFault) {
        self.current = current
        self.older = older
        self.isGenerated = isGenerated
        alone = try KeyRing(current: current)
        _ = try KeyRing(current: current, overlapping: older.map(\.key))
    }

    /// The keys that count at `now`.
    package func ring(at now: Instant) -> KeyRing {
        guard !older.isEmpty else { return alone }
        let living = older.filter { $0.until > now }.map(\.key)
        return (try? KeyRing(current: current, overlapping: living)) ?? alone
    }

    /// Reads a key of the algorithm that a dialect asks for.
    package static func read(_ bytes: [UInt8], _ algorithm: SigningAlgorithm) throws(KeyFault) -> SigningKey {
        switch algorithm {
        case .hs256: return try .hs256(secret: bytes)
        case .rs256: return try .rs256(pem: String(decoding: bytes, as: UTF8.self))
        case .edDSA: return try .edDSA(pem: String(decoding: bytes, as: UTF8.self))
        }
    }

    /// What an operator is told.
    package static func words(for fault: KeyFault, _ algorithm: SigningAlgorithm) -> String {
        switch fault {
        case .shortSecret(let bytes): "the secret has \(bytes) bytes; \(algorithm.rawValue) needs 32 or more"
        case .pemAsSecret: "this is a PEM key, and the dialect signs with an \(algorithm.rawValue) secret"
        case .unreadable:
            "this is no \(algorithm == .rs256 ? "RSA private key" : "private key") in PEM, and the dialect signs with \(algorithm.rawValue)"
        case .shortModulus: "the RSA key has fewer than 2048 bits"
        case .badExponent: "the RSA key has an exponent that no key should have"
        case .factorableModulus: "the RSA key can be factored (CVE-2017-15361): make a new one"
        case .emptyKeyID, .repeatedKeyID, .mixedAlgorithms: "the keys do not go together"
        case .failed: "the key could not be made"
        }
    }
}
