import Identity

/// Makes the token by which an upstream knows who is calling, and that the gateway says so: a JWS of a minute's life.
struct InternalTokens: Sendable {
    static let field = "X-Dragoman-Token"
    static let life: Duration = .seconds(60)

    let keys: LiveKeys
    /// The frontend's public URL.
    let issuer: String
    let realm: String

    /// A token about an account for the upstream of this name.
    ///
    /// `subject` is the account's id as the dialect writes it; `id` are random bytes. `staleAt`: from then on a new one has to be made, so
    /// that who is told has half of its life left.
    ///
    /// - Throws: `KeyFault.failed` when the library cannot sign.
    func token(
        about account: Account, subject: String, for upstream: String, at now: Instant, id: [UInt8]
    ) throws(KeyFault) -> (token: String, staleAt: Instant) {
        let issuedAt = Instant(seconds: now.seconds)
        let claims = JSONWriter.document(
            .object([
                .init("iss", .string(issuer)), .init("sub", .string(subject)), .init("aud", .string(upstream)),
                .init("iat", .int(issuedAt.seconds)), .init("exp", .int((issuedAt + Self.life).seconds)),
                .init("jti", .string(Base64URL.encode(id))), .init("email", .string(account.email)),
                .init("role", .string(account.role)), .init("realm", .string(realm)),
            ]))
        let key = keys.ring(at: now).current
        let kid = key.kid.map { [Value.Member("kid", .string($0))] } ?? []
        let header = JSONWriter.document(
            .object([.init("alg", .string(key.algorithm.rawValue)), .init("typ", .string("JWT"))] + kid))
        let token = try JWS.sign(headerJSON: header, payloadJSON: claims, key: key)
        return (token, issuedAt + Self.life / 2)
    }
}
