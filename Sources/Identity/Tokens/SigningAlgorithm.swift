/// The signature algorithms that keys of ours have, by their JOSE names (RFC 7518 section 3.1, RFC 8037).
package enum SigningAlgorithm: String, Sendable, Hashable, CaseIterable {
    case hs256 = "HS256"
    case rs256 = "RS256"
    case edDSA = "EdDSA"

    /// Whether JOSE knows a signature algorithm of this exact name, ours or not.
    ///
    /// `none` is none.
    static func isRegistered(_ name: String) -> Bool { registered.contains(Array(name.utf8)) }

    private static let registered = Set(
        [
            "HS256", "HS384", "HS512", "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "ES256K", "EdDSA",
            "Ed25519", "Ed448",
        ].map { Array($0.utf8) })
}
