/// A token that a key of the ring has signed.
///
/// Only `JWS.verify` makes one; its claims are not judged yet.
package struct VerifiedToken: Sendable, Hashable {
    package let header: Value
    /// An object.
    package let claims: Value
    /// The SHA-256 of header and claims as signed.
    ///
    /// A token has one spelling only, so this names it when it has no `jti`.
    package let signingInputDigest: Digest
    /// Which key signed it.
    package let keyID: Digest

    init(header: Value, claims: Value, signingInputDigest: Digest, keyID: Digest) {
        self.header = header
        self.claims = claims
        self.signingInputDigest = signingInputDigest
        self.keyID = keyID
    }
}
