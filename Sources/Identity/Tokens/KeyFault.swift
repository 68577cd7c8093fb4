/// Why a key was refused.
///
/// Never holds anything of the key.
package enum KeyFault: Error, Sendable, Hashable {
    /// An HMAC secret under 32 bytes (RFC 7518 section 3.2).
    case shortSecret(bytes: Int)
    /// The text of a PEM key offered as an HMAC secret: whoever has the file could sign.
    case pemAsSecret
    /// Not a key of the kind asked for, or not readable.
    case unreadable
    /// An RSA modulus under 2048 bits (RFC 7518 section 3.3).
    case shortModulus
    /// An RSA exponent that is even or under 3.
    case badExponent
    /// An RSA modulus made by a generator whose keys can be factored (CVE-2017-15361).
    case factorableModulus
    /// The `kid` is empty.
    case emptyKeyID
    /// Two keys of a ring share a `kid`.
    case repeatedKeyID
    /// The keys of a ring are not all of one algorithm.
    case mixedAlgorithms
    /// The library could not make the key or the signature.
    case failed
}
