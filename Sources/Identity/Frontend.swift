/// Everything of one frontend that the engine needs: whose accounts, which policies, and how tokens and mails are written.
package struct Frontend: Sendable {
    package var name: String
    /// The set of accounts behind it.
    package var realm: String
    package var policy: Policy
    package var access: TokenProfile
    package var refresh: TokenProfile?
    /// The keys of this moment; asked for each token, as keys may be replaced while requests run.
    package var keys: @Sendable () -> KeyRing
    /// Whether a token that its keys have signed and nobody here knows is of another backend, which had the same keys, and counts.
    package var takesForeignTokens: Bool
    /// The public base URL, without a slash at its end: what `$issuer` is.
    package var issuer: String
    package var apiKeyForm: APIKeyShape?
    /// The kinds of which the dialect has a mail.
    package var notices: Set<NoticeKind>
    /// The dialect's mail as the outbox keeps it; nil when the dialect has no mail of this kind, or the address is none for mails.
    package var compose: @Sendable (Notice) throws -> [UInt8]?

    package init(
        name: String, realm: String, policy: Policy, access: TokenProfile, refresh: TokenProfile? = nil,
        keys: @escaping @Sendable () -> KeyRing, takesForeignTokens: Bool = true, issuer: String, apiKeyForm: APIKeyShape? = nil,
        notices: Set<NoticeKind> = Set(NoticeKind.allCases),
        compose: @escaping @Sendable (Notice) throws -> [UInt8]?
    ) {
        self.name = name
        self.realm = realm
        self.policy = policy
        self.access = access
        self.refresh = refresh
        self.keys = keys
        self.takesForeignTokens = takesForeignTokens
        self.issuer = issuer
        self.apiKeyForm = apiKeyForm
        self.notices = notices
        self.compose = compose
    }

    /// How long after its issue a token may be good for anything: so long its key is asked for.
    package var longestTokenLife: Duration {
        Self.longestTokenLife(access: access.lifetime, refresh: refresh?.lifetime, renewal: policy.renewal)
    }

    package static func longestTokenLife(access: Duration, refresh: Duration?, renewal: Policy.Renewal) -> Duration {
        var longest = max(access, refresh ?? .zero)
        if case .reissue(let window?) = renewal { longest = max(longest, window) }
        return longest
    }
}

/// The look of API keys.
package struct APIKeyShape: Sendable, Hashable {
    package var prefix: String
    /// Lower-case hex digits after the prefix; at least 32, which is 128 bits.
    package var hexDigits: Int

    package init(prefix: String, hexDigits: Int = 64) {
        self.prefix = prefix
        self.hexDigits = hexDigits
    }
}
