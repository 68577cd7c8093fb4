/// How one kind of token of a frontend is written and read.
///
/// The claims' words come from the dialect, the verdict from the engine.
package struct TokenProfile: Sendable {
    package var purpose: TokenPurpose
    /// The JOSE header, its members in the dialect's order, as JSON bytes.
    package var header: [UInt8]
    /// The claims as JSON bytes.
    package var claims: @Sendable (TokenFacts) -> [UInt8]
    package var lifetime: Duration
    /// The form of `$jti`; nil when the claims do not print one.
    ///
    /// Without one, no two tokens of an account share their second of issue.
    package var jti: JTIForm?
    /// The claim that names the account, and how to read it; text and integer forms of a serial both count.
    package var subject: String
    package var subjectCodec: AccountIDCodec
    /// Claims that must be there on input, and of which kind, beside `exp` and the subject.
    package var required: [ClaimRules.Requirement]
    /// Claims whose value is constant: a different value is refused as `wrong-type`, and so is none where it is `required`.
    package var constants: [String: Value]
    /// How far `iat` and `nbf` of a token that was not issued here may lie ahead of this clock, 0 to 60 s; `exp` has no leeway.
    package var leeway: Duration

    package init(
        purpose: TokenPurpose, header: [UInt8], claims: @escaping @Sendable (TokenFacts) -> [UInt8], lifetime: Duration, jti: JTIForm?,
        subject: String, subjectCodec: AccountIDCodec, required: [ClaimRules.Requirement] = [], constants: [String: Value] = [:],
        leeway: Duration = .seconds(60)
    ) {
        self.purpose = purpose
        self.header = header
        self.claims = claims
        self.lifetime = lifetime
        self.jti = jti
        self.subject = subject
        self.subjectCodec = subjectCodec
        self.required = required
        self.constants = constants
        self.leeway = leeway
    }

    package enum JTIForm: Sendable, Hashable {
        /// A version 4 UUID, 36 characters.
        case uuid
        /// Lower-case hex digits, that many.
        case hex(Int)
        /// `A-Z a-z 0-9`, that many.
        case alphanumeric(Int)
    }
}

/// What claims may refer to: `$account.*`, `$iat`, `$exp`, `$jti`, `$issuer`, `$path`.
package struct TokenFacts: Sendable {
    package var account: AccountFacts
    package var issuedAt: Int64
    package var expiresAt: Int64
    package var jti: String
    /// The frontend's public base URL, without a slash at its end.
    package var issuer: String
    /// The path of the request that issues the token.
    package var path: String

    package init(account: AccountFacts, issuedAt: Int64, expiresAt: Int64, jti: String, issuer: String, path: String) {
        self.account = account
        self.issuedAt = issuedAt
        self.expiresAt = expiresAt
        self.jti = jti
        self.issuer = issuer
        self.path = path
    }
}
