package import Identity
import Mail

extension AccountDraft {
    /// The account that it describes.
    package func account(id: AccountID, realm: String, policy: Policy, now: Instant) throws(AccountFault) -> Account {
        var rest = slots
        guard let email = rest.removeValue(forKey: "email")?.string, !email.isEmpty else {
            throw AccountFault("an account needs an `email`")
        }
        do {
            _ = try MailAddress(email)
        } catch {
            throw AccountFault("the email is \(error.reason)")
        }
        let role = try Self.text("role", &rest) ?? policy.roles.standard
        guard policy.roles.known.contains(role) else {
            throw AccountFault("`\(role)` is no role here: \(policy.roles.known.joined(separator: ", "))")
        }
        var account = Account(id: id, realm: realm, email: Self.kept(.email, email, policy), role: role, createdAt: now)
        account.username = try Self.identifier(.username, &rest, policy)
        account.phone = try Self.identifier(.phone, &rest, policy)
        if isConfirmed { account.confirmedAt = now }
        if let plans = policy.plans {
            let plan = try Self.text("plan", &rest) ?? plans.standard
            guard let limit = plans.limits[plan] ?? (plans.unlimited.contains(plan) ? 0 : nil) else {
                throw AccountFault("`\(plan)` is no plan here: \((plans.limits.keys + plans.unlimited).sorted().joined(separator: ", "))")
            }
            account.plan = plan
            account.usageLimit = limit
        }
        for (name, value) in rest.sorted(by: { $0.key < $1.key }) { account.attributes[name] = try Self.attribute(name, value, policy) }
        return account
    }

    private static func identifier(_ kind: IdentifierKind, _ rest: inout [String: Value], _ policy: Policy) throws(AccountFault) -> String?
    {
        guard let name = try Self.text(kind.rawValue, &rest) else { return nil }
        guard policy.identifiers[kind] != nil else { throw AccountFault("accounts have no \(kind.rawValue) here") }
        return kept(kind, name, policy)
    }

    private static func kept(_ kind: IdentifierKind, _ typed: String, _ policy: Policy) -> String {
        policy.identifiers[kind] == .folded ? typed.loweringASCII() : typed
    }

    /// A plain number may be meant as a text: `phone: 5551234`.
    private static func text(_ name: String, _ rest: inout [String: Value]) throws(AccountFault) -> String? {
        switch rest.removeValue(forKey: name) {
        case nil, .null, .string(""): return nil
        case .string(let text): return text
        case .int(let int): return String(int)
        case .number(let text): return text
        default: throw AccountFault("`\(name)` is a text")
        }
    }

    private static func attribute(_ name: String, _ value: Value, _ policy: Policy) throws(AccountFault) -> Value? {
        guard let attribute = policy.attributes.first(where: { $0.name == name }) else {
            let known = ["email", "username", "phone", "role"] + policy.attributes.map(\.name)
            throw AccountFault("accounts have no `\(name)` here; there are \(known.joined(separator: ", "))")
        }
        switch (attribute.kind, value) {
        case (_, .null): return nil
        case (.string, .string), (.int, .int), (.bool, .bool): return value
        case (.string, .int(let int)): return .string(String(int))
        case (.string, .number(let text)): return .string(text)
        case (.time, .string(let text)):
            guard let moment = Instant(iso8601: text) else { throw AccountFault("`\(name)` is a time like 2024-01-31T12:00:00Z") }
            return .time(moment)
        default: throw AccountFault("`\(name)` is of type \(attribute.kind.rawValue)")
        }
    }
}
