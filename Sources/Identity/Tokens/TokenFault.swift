/// Why a token is none of ours, in the order in which it is judged.
package enum TokenFault: Error, Sendable, Hashable, CaseIterable {
    /// Not three parts between two dots.
    case wrongSegments
    /// Over 8 KiB, a part that is not strict base64url, or a header or claims that are not a strict JSON object.
    case malformed
    /// `alg` is missing, is `none`, or is no name that JOSE knows.
    case algorithmUnknown
    /// `alg` is known but is not the key's.
    case algorithmMismatch
    /// The header has `crit`, or brings or points to a key of its own (`jwk`, `jku`, `x5u`, `x5c`).
    case critical
    /// The `kid` is not one of the ring's.
    case unknownKey
    case badSignature
}
