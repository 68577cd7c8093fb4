package import Identity

/// One API's way of asking and answering, known to be sound: what a folder under `Dialects/` becomes once it has been loaded and checked
/// for one frontend's settings.
///
/// Nothing in it can fail any more at run time.
package struct Dialect: Sendable {
    package var name: String
    package var version: Int
    package var title: String
    package var languages: Languages
    package var bodies: BodyPolicy
    /// What the dialect chooses of the engine's behaviour, settings applied.
    package var policy: Policy
    package var access: TokenTemplate
    package var refresh: TokenTemplate?
    package var apiKeys: APIKeyForm?
    package var credentials: CredentialPolicy
    package var catalogue: MessageCatalogue
    package var routes: [Route]
    package var failures: FailureAnswers
    package var guards: [Guard]
    package var limits: [Limit]
    package var cors: CORSPolicy?
    package var mails: [NoticeKind: MailTemplate]
    /// Sent with every answer (`Cache-Control: no-store`), unless the answer sets the same name.
    package var headers: [HeaderTemplate]
    package var settings: [Setting]
    /// Weaknesses that clients of this API can see and `dragoman check` names.
    package var weaknesses: [String]
}

package struct Languages: Sendable, Hashable {
    package enum Source: String, Sendable, Hashable, CaseIterable { case header, cookie, query, path }
    package var standard: String
    package var supported: [String]
    /// The first source that yields a supported language decides; then `standard`.
    package var from: [Source]
    /// The name of the cookie or query parameter.
    package var name: String
    /// Answers carry `Content-Language` and `Vary: Accept-Language`.
    package var announced: Bool
}

/// How bodies become one tree of values.
package struct BodyPolicy: Sendable, Hashable {
    package enum Kind: String, Sendable, Hashable, CaseIterable { case json, form, multipart }
    package enum Verdict: String, Sendable, Hashable, CaseIterable {
        /// The failure `malformed` (or `unsupported-media` for a foreign type).
        case refuse
        /// As if nothing had been sent.
        case empty
    }
    package enum Trimming: Sendable, Hashable {
        case none
        /// Every slot but passwords.
        case all
        case slots(Set<Slot>)
    }
    package var kinds: Set<Kind>
    /// The member under which all fields stand.
    package var root: String?
    /// Bytes; more is the failure `too-large`.
    package var limit: Int
    /// Syntax errors.
    package var malformed: Verdict
    /// A content type that is not among `kinds`.
    package var otherType: Verdict
    /// A JSON document that is not an object.
    package var notObject: Verdict
    /// What cannot be read as fields at all: duplicate members, too deep, too many, NUL, broken multipart framing.
    package var hostile: Verdict
    package var trimming: Trimming
    /// Where a text of nothing but white space counts as the empty one; passwords may be among them.
    package var blank: Set<Slot>
}

package struct APIKeyForm: Sendable, Hashable {
    package var prefix: String
    /// Lower-case hex digits after the prefix.
    package var hexDigits: Int
}

package struct CredentialPolicy: Sendable, Hashable {
    /// What counts where a route says nothing.
    package var kinds: Set<CredentialKind>
    package var apiKeyHeader: String?
    /// When both a key and a bearer token are shown: the key alone is judged.
    ///
    /// Else two credentials are ambiguous.
    package var keyWins: Bool
    /// Keys that belong to an upstream, told by these prefixes, in the key header or as Bearer: `wrong-kind` on native routes.
    package var foreignKeyPrefixes: [String]
}

/// How a token's claims are written; becomes a `TokenProfile` once the algorithm's key is known.
package struct TokenTemplate: Sendable {
    /// `HS256`, `RS256`.
    package var algorithm: String
    package var lifetime: Duration
    /// JSON bytes, members in the dialect's order.
    package var header: [UInt8]
    /// An object; its leaves refer to token facts.
    package var claims: Template
    package var jti: TokenProfile.JTIForm?
    package var subject: String
    package var subjectCodec: AccountIDCodec
    package var required: [ClaimRules.Requirement]
    package var constants: [String: Value]
    package var leeway: Duration
}

package struct MailTemplate: Sendable {
    /// The link that `{link}` stands for.
    package var link: Text?
    /// By language.
    package var subject: [String: Text]
    package var text: [String: Text]
    package var html: [String: Text]
}

package struct HeaderTemplate: Sendable {
    package var name: String
    package var value: Text
}

package struct CORSPolicy: Sendable, Hashable {
    /// Whether the frontend's configured origins may be `*`.
    package var credentials: Bool
    /// Origins when the deployment configures none.
    package var origins: [String]
    package var methods: [String]
    /// Request headers allowed; empty: whatever the preflight asks for.
    package var headers: [String]
    package var exposed: [String]
    /// Seconds; nil leaves `Access-Control-Max-Age` out.
    package var maxAge: Int?
}

/// What a deployment may adjust.
package struct Setting: Sendable, Hashable {
    package var name: String
    /// `choice`, `duration`, `int`, `bool`, `string`.
    package var kind: String
    package var about: String
    package var standard: String
    package var chosen: String
    /// What may be chosen, in words: `reveal, hide` or `1m...24h`.
    package var range: String
}
