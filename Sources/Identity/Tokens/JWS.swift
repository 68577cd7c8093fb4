package import Crypto

/// Signs and verifies compact JWS (RFC 7515) with the keys that it is given, never with what a token says (RFC 8725).
package enum JWS {
    /// Signs claims.
    ///
    /// The header's bytes are taken as they are: the caller has put the key's `alg` and `kid` into them.
    ///
    /// - Throws: `KeyFault.failed` when the library cannot sign.
    package static func sign(headerJSON: [UInt8], payloadJSON: [UInt8], key: SigningKey) throws(KeyFault) -> String {
        var token = Base64URL.encoded(headerJSON)
        token.append(UInt8(ascii: "."))
        token += Base64URL.encoded(payloadJSON)
        let signature = try key.signature(over: token)
        token.append(UInt8(ascii: "."))
        token += Base64URL.encoded(signature)
        return String(decoding: token, as: UTF8.self)
    }

    /// Reads a token and believes it when a key of the ring has signed it.
    ///
    /// Lifetimes and purposes are judged by `ClaimRules`.
    ///
    /// `hash` is that of what the signature is over (`TokenHashes.signed`), for who has it already.
    ///
    /// - Throws: the first `TokenFault` in the order of its cases; the claims must be an object before any signature is computed.
    package static func verify(_ token: String, keys: KeyRing, hash: SHA256Digest? = nil) throws(TokenFault) -> VerifiedToken {
        try read(token) { reading, signed throws(TokenFault) in
            let claims = try reading.claims()
            let hash = hash ?? SHA256.hash(data: signed)
            let key = try signer(reading, signed, hash, keys.algorithm, keys.verificationKeys(kid:))
            return VerifiedToken(header: reading.header, claims: claims, signingInputDigest: Digest(hash), keyID: key.id)
        }
    }

    /// Reads a token whose payload may be any bytes, and returns them when the key has signed it.
    ///
    /// A token without `kid` is tried against the key, one with a `kid` only if it is the key's.
    package static func payload(_ token: String, key: VerificationKey) throws(TokenFault) -> [UInt8] {
        try read(token) { reading, signed throws(TokenFault) in
            _ = try signer(reading, signed, SHA256.hash(data: signed), key.algorithm) { kid in
                kid.map { key.kid?.hasSameBytes(as: $0) == true } ?? true ? [key] : []
            }
            return reading.payload
        }
    }

    private static func read<Answer>(
        _ token: String, _ judge: (JWSReading, UnsafeRawBufferPointer) throws(TokenFault) -> Answer
    ) throws(TokenFault) -> Answer {
        var token = token
        let result = token.withUTF8 { bytes in
            Result { () throws(TokenFault) in
                let reading = try JWSReading.parse(bytes)
                return try judge(reading, UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(bytes)[..<reading.signedCount]))
            }
        }
        return try result.get()
    }

    private static func signer(
        _ reading: JWSReading, _ signed: UnsafeRawBufferPointer, _ hash: SHA256Digest, _ algorithm: SigningAlgorithm,
        _ keys: (String?) -> [VerificationKey]
    ) throws(TokenFault) -> VerificationKey {
        try reading.checkHeader(algorithm)
        let candidates = keys(reading.kid)
        guard !candidates.isEmpty else { throw .unknownKey }
        guard let key = candidates.first(where: { $0.isValid(reading.signature, over: signed, hash: hash) }) else { throw .badSignature }
        return key
    }
}

extension Digest {
    init(_ hash: SHA256Digest) { self.init(bytes: hash.withUnsafeBytes { Array($0) }) }
}
