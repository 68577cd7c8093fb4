/// The groups of facts that outcomes and failures bring; a reference `$group.name` in a dialect reads one of them.
package enum FactGroup: String, Sendable, Hashable, CaseIterable {
    case account
    case token
    case apiKey = "api_key"
    case usage
    case errors
    case retry
    case allowed
    /// What the client sent in a slot that is not secret, for pages that show it again (`$slot.email`); the link of a reset page too.
    case slot
    /// A mailed code or link, and what it is for: mails only.
    case notice
}

/// What is known at the end of an operation, from which a dialect makes its answer.
///
/// No secret is here but the ones that the client is owed.
package struct Facts: Sendable {
    package var account: AccountFacts?
    package var token: IssuedTokens?
    /// A new API key in plain: shown once.
    package var apiKey: String?
    package var usage: UsageFacts?
    package var slots: [Slot: SlotValue]
    package var notice: NoticeFacts?

    package init(
        account: AccountFacts? = nil, token: IssuedTokens? = nil, apiKey: String? = nil, usage: UsageFacts? = nil,
        slots: [Slot: SlotValue] = [:], notice: NoticeFacts? = nil
    ) {
        self.account = account
        self.token = token
        self.apiKey = apiKey
        self.usage = usage
        self.slots = slots
        self.notice = notice
    }
}

/// An account as a dialect may show it.
package struct AccountFacts: Sendable {
    package var account: Account
    /// The id in the dialect's own form.
    package var wireID: Value
    /// Younger than the policy's newcomer span.
    package var isNewcomer: Bool

    package init(account: Account, wireID: Value, isNewcomer: Bool) {
        self.account = account
        self.wireID = wireID
        self.isNewcomer = isNewcomer
    }
}

package struct IssuedTokens: Sendable {
    package var access: String
    package var refresh: String?
    /// How many seconds an access token lives, its whole life counted.
    package var expiresIn: Int64

    package init(access: String, refresh: String? = nil, expiresIn: Int64) {
        self.access = access
        self.refresh = refresh
        self.expiresIn = expiresIn
    }
}

package struct UsageFacts: Sendable, Hashable {
    package var count: Int64
    package var limit: Int64
    package var plan: String

    package init(count: Int64, limit: Int64, plan: String) {
        self.count = count
        self.limit = limit
        self.plan = plan
    }

    /// Whole percent, rounded half up; 0 when there is no limit.
    package var percent: Int64 {
        guard limit > 0 else { return 0 }
        // Where no sum overflows; an import may bring any number.
        let (count, limit) = (min(max(count, 0), Self.most), min(limit, Self.most))
        return (count * 200 + limit) / (limit * 2)
    }

    private static let most: Int64 = 1_000_000_000_000_000
}

package struct NoticeFacts: Sendable {
    package var kind: NoticeKind
    package var code: String?
    package var link: String?
    package var lifetime: Duration?

    package init(kind: NoticeKind, code: String? = nil, link: String? = nil, lifetime: Duration? = nil) {
        self.kind = kind
        self.code = code
        self.link = link
        self.lifetime = lifetime
    }
}

/// The messages that may be owed to an account's owner; a dialect has mails for those that its policies need.
package enum NoticeKind: String, Sendable, Hashable, CaseIterable {
    /// Prove the address: a code or a link.
    case confirm
    /// Prove a new address of an existing account.
    case confirmNewEmail = "confirm-new-email"
    case loginCode = "login-code"
    case reset
    case passwordChanged = "password-changed"
    case emailChanged = "email-changed"
    /// Somebody tried to register the owner's address, under `existence: hide`.
    case alreadyRegistered = "already-registered"
}
