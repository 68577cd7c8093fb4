/// The keys of one frontend: the one that signs, and older ones whose tokens are still good.
///
/// All are of one algorithm, so a token's `alg` can only be right or wrong, never a choice.
package final class KeyRing: Sendable {
    package let current: SigningKey
    package let overlapping: [VerificationKey]

    /// Every key, the current one first.
    package let verificationKeys: [VerificationKey]

    /// Those whose private half is known, the current one first: what an older one has derived can be derived again.
    let signers: [SigningKey]

    /// - Throws: as the other.
    package convenience init(current: SigningKey, others: [SigningKey]) throws(KeyFault) {
        try self.init(current: current, overlapping: others.map(\.verification), signers: [current] + others)
    }

    /// - Throws: `KeyFault` when two keys share a `kid`, or are of different algorithms.
    package convenience init(current: SigningKey, overlapping: [VerificationKey] = []) throws(KeyFault) {
        try self.init(current: current, overlapping: overlapping, signers: [current])
    }

    private init(current: SigningKey, overlapping: [VerificationKey], signers: [SigningKey]) throws(KeyFault) {
        let all = [current.verification] + overlapping
        guard all.allSatisfy({ $0.algorithm == current.algorithm }) else { throw .mixedAlgorithms }
        let names = all.compactMap { $0.kid.map { Array($0.utf8) } }
        guard Set(names).count == names.count else { throw .repeatedKeyID }
        self.current = current
        self.overlapping = overlapping
        self.verificationKeys = all
        self.signers = signers
    }

    package var algorithm: SigningAlgorithm { current.algorithm }

    /// The keys that may have signed a token of this `kid`: without one, every key of the ring; with an unknown one, none.
    package func verificationKeys(kid: String?) -> [VerificationKey] {
        guard let kid else { return verificationKeys }
        return verificationKeys.filter { $0.kid?.hasSameBytes(as: kid) == true }
    }

    /// The public keys as a JWK set (RFC 7517 section 5); empty for HMAC secrets.
    package func jwks() -> Value {
        .object([.init("keys", .list(publicKeys))])
    }

    /// Every key that is no secret as a JWK.
    package var publicKeys: [Value] { verificationKeys.compactMap { $0.jwk() } }
}
