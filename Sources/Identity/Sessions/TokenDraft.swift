/// A token that is recorded and only wants its signature.
///
/// What is signed decides the digest, so a token can be recorded in a transaction and be signed, which may be slow, after the commit.
struct TokenDraft: Sendable {
    let header: [UInt8]
    let payload: [UInt8]
    let issuedAt: Int64
    let expiresAt: Int64

    init(_ profile: TokenProfile, _ facts: TokenFacts) {
        header = profile.header
        payload = profile.claims(facts)
        issuedAt = facts.issuedAt
        expiresAt = facts.expiresAt
    }

    /// Of the signing input.
    var digest: Digest {
        .sha256(Base64URL.encoded(header) + [UInt8(ascii: ".")] + Base64URL.encoded(payload))
    }
}

/// The tokens of one answer.
struct DraftedTokens: Sendable {
    var access: TokenDraft
    var refresh: TokenDraft?
}

/// The random parts of a sign-in or renewal, drawn before the transaction.
struct PlannedTokens: Sendable {
    var session: SessionID
    var accessJTI: String
    var refreshJTI: String
}
