/// One fact that a dialect may refer to: `$account.email`, `$token.access`, `$errors`-facts excepted (those need words, so the dialect makes them).
package struct Fact: Sendable {
    package enum Kind: String, Sendable, Hashable, CaseIterable {
        case string, int, bool, time
    }

    /// Without the `$`: `account.email`.
    package var name: String
    package var group: FactGroup
    package var kind: Kind
    package var nullable: Bool
    package var read: @Sendable (Facts) -> Value

    package init(_ name: String, _ group: FactGroup, _ kind: Kind, nullable: Bool = false, read: @escaping @Sendable (Facts) -> Value) {
        self.name = name
        self.group = group
        self.kind = kind
        self.nullable = nullable
        self.read = read
    }

    /// The engine's facts; an attribute that a dialect declares is one more under `account.` (see `attribute`), a slot under `slot.`.
    package static let all: [Fact] =
        accountFacts + [
            Fact("token.access", .token, .string) { $0.token.map { .string($0.access) } ?? .null },
            Fact("token.refresh", .token, .string, nullable: true) { .text($0.token?.refresh) },
            Fact("token.expires_in", .token, .int) { $0.token.map { .int($0.expiresIn) } ?? .null },
            Fact("api_key.value", .apiKey, .string, nullable: true) { .text($0.apiKey) },
            Fact("usage.count", .usage, .int) { $0.usage.map { .int($0.count) } ?? .null },
            Fact("usage.limit", .usage, .int) { $0.usage.map { .int($0.limit) } ?? .null },
            Fact("usage.percent", .usage, .int) { $0.usage.map { .int($0.percent) } ?? .null },
            Fact("usage.plan", .usage, .string) { $0.usage.map { .string($0.plan) } ?? .null },
            Fact("notice.code", .notice, .string, nullable: true) { .text($0.notice?.code) },
            Fact("notice.link", .notice, .string, nullable: true) { .text($0.notice?.link) },
            Fact("notice.minutes", .notice, .int) { $0.notice?.lifetime.map { .int($0.components.seconds / 60) } ?? .null },
            Fact("notice.hours", .notice, .int) { $0.notice?.lifetime.map { .int($0.components.seconds / 3600) } ?? .null },
            Fact("notice.days", .notice, .int) { $0.notice?.lifetime.map { .int($0.components.seconds / 86400) } ?? .null },
        ]

    private static let accountFacts: [Fact] = [
        Fact("account.id", .account, .string) { $0.account?.wireID ?? .null },
        Fact("account.uuid", .account, .string) { $0.account.map { .string($0.account.id.description) } ?? .null },
        Fact("account.serial", .account, .int) { $0.account.map { .int($0.account.serial) } ?? .null },
        Fact("account.email", .account, .string) { $0.account.map { .string($0.account.shownEmail) } ?? .null },
        Fact("account.confirmed_email", .account, .string) { $0.account.map { .string($0.account.email) } ?? .null },
        Fact("account.username", .account, .string, nullable: true) { .text($0.account?.account.username) },
        Fact("account.phone", .account, .string, nullable: true) { .text($0.account?.account.phone) },
        Fact("account.role", .account, .string) { $0.account.map { .string($0.account.role) } ?? .null },
        Fact("account.confirmed", .account, .bool) { $0.account.map { .bool($0.account.confirmedAt != nil) } ?? .null },
        Fact("account.suspended", .account, .bool) { $0.account.map { .bool($0.account.status == .suspended) } ?? .null },
        Fact("account.newcomer", .account, .bool) { $0.account.map { .bool($0.isNewcomer) } ?? .null },
        Fact("account.created_at", .account, .time) { .moment($0.account?.account.createdAt) },
        Fact("account.updated_at", .account, .time) { .moment($0.account?.account.updatedAt) },
        Fact("account.confirmed_at", .account, .time, nullable: true) { .moment($0.account?.account.confirmedAt) },
        Fact("account.sign_in_count", .account, .int) { $0.account.map { .int($0.account.signInCount) } ?? .null },
        Fact("account.first_sign_in_at", .account, .time, nullable: true) { .moment($0.account?.account.firstSignInAt) },
        Fact("account.last_sign_in_at", .account, .time, nullable: true) { .moment($0.account?.account.lastSignInAt) },
        Fact("account.plan", .account, .string) { $0.account.map { .string($0.account.plan) } ?? .null },
        Fact("account.usage_count", .account, .int) { $0.account.map { .int($0.account.usageCount) } ?? .null },
        Fact("account.usage_limit", .account, .int) { $0.account.map { .int($0.account.usageLimit) } ?? .null },
        Fact("account.usage_percent", .account, .int) { facts in
            guard let account = facts.account?.account else { return .null }
            return .int(UsageFacts(count: account.usageCount, limit: account.usageLimit, plan: account.plan).percent)
        },
    ]

    /// The fact of a declared attribute.
    package static func attribute(_ attribute: Attribute) -> Fact {
        let name = attribute.name
        let missing = attribute.missing
        return Fact("account.\(name)", .account, attribute.kind.factKind, nullable: attribute.missing == .null) { facts in
            facts.account.map { $0.account.attributes[name] ?? missing } ?? .null
        }
    }
}

extension Value {
    fileprivate static func text(_ string: String?) -> Value { string.map(Value.string) ?? .null }
    fileprivate static func moment(_ moment: Instant?) -> Value { moment.map(Value.time) ?? .null }
}
