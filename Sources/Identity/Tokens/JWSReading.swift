/// The parts of a compact JWS (RFC 7515 section 7.1) as they were read; nothing is believed yet.
package struct JWSReading: Sendable {
    /// Longer tokens are refused before they are looked at.
    package static let maxBytes = 8192

    /// An object.
    package let header: Value
    /// The header's `kid`; nil when there is none.
    package let kid: String?
    package let payload: [UInt8]
    package let signature: [UInt8]
    /// How many bytes of the token were signed: header, dot and payload.
    let signedCount: Int

    /// Takes a token apart.
    ///
    /// - Throws: `wrongSegments` or `malformed`.
    static func parse(_ token: UnsafeBufferPointer<UInt8>) throws(TokenFault) -> JWSReading {
        guard token.count <= maxBytes else { throw .malformed }
        let dot = UInt8(ascii: ".")
        guard let first = token.firstIndex(of: dot), let second = token[(first + 1)...].firstIndex(of: dot),
            !token[(second + 1)...].contains(dot)
        else { throw .wrongSegments }
        guard let headerText = Base64URL.decode(token[..<first]), let payload = Base64URL.decode(token[(first + 1)..<second]),
            let signature = Base64URL.decode(token[(second + 1)...])
        else { throw .malformed }
        let header = try object(headerText)
        let kid = header["kid"]
        guard kid == nil || kid?.string != nil else { throw .malformed }
        return JWSReading(header: header, kid: kid?.string, payload: payload, signature: signature, signedCount: second)
    }

    /// The payload as claims.
    ///
    /// - Throws: `malformed` when it is not a strict JSON object.
    package func claims() throws(TokenFault) -> Value { try Self.object(payload) }

    /// Judges the algorithm and what the header asks for, before any key is looked at.
    func checkHeader(_ algorithm: SigningAlgorithm) throws(TokenFault) {
        guard let name = header["alg"]?.string else { throw .algorithmUnknown }
        guard name.hasSameBytes(as: algorithm.rawValue) else {
            throw SigningAlgorithm.isRegistered(name) ? .algorithmMismatch : .algorithmUnknown
        }
        for name in Self.refusedMembers {
            guard header[name] == nil else { throw .critical }
        }
    }

    private static let refusedMembers = ["crit", "jwk", "jku", "x5u", "x5c"]

    private static func object(_ json: [UInt8]) throws(TokenFault) -> Value {
        let limits = JSONReader.Limits(maxDepth: 16, maxMembers: 256, maxBytes: maxBytes)
        guard case .object(let members)? = try? JSONReader.read(json, limits: limits) else { throw .malformed }
        return .object(members)
    }
}
