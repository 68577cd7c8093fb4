import Identity

/// Names the weaknesses that clients of this API can see: warnings, for a faithful face may need them.
struct WeaknessCheck {
    let dialect: Dialect
    let tree: YAMLNode
    let findings: Findings

    private var policy: Policy { dialect.policy }
    private var policyNode: YAMLNode { tree.map("policy") }

    func run() {
        checkExistence()
        checkCodes()
        checkTokens()
        for route in dialect.routes where route.setsPassword { checkPassword(route) }
        for route in dialect.routes where route.storesAddress && !route.rules.contains(where: \.asksForAddress) {
            warn("unchecked-address", route.place, "`\(route.name)` takes any text for an e-mail: it has no rule `email`")
        }
        checkNews()
        if policy.password.blocklist != .refuse {
            warn(
                "common-passwords", tree.map("account").map("password")["blocklist"],
                "the most common passwords are taken (`blocklist: \(policy.password.blocklist.rawValue)`)")
        }
        if policy.password.scheme.cost < 10 {
            warn(
                "cheap-hashes", tree.map("account").map("password")["cost"],
                "passwords are hashed with 2^\(policy.password.scheme.cost) rounds, and 2^10 are the least")
        }
    }

    private func warn(_ name: String, _ node: YAMLNode?, _ words: String) {
        findings.warning(node?.place ?? policyNode.place, "\(name): \(words)")
    }

    private func warn(_ name: String, _ place: Place, _ words: String) {
        findings.warning(place, "\(name): \(words)")
    }

    /// Owners hear of changes by mail, for it may not have been them.
    private func checkNews() {
        let told: Set<OperationName> = dialect.mails[.passwordChanged] == nil ? [] : [.passwordReset]
        let changers = Set([OperationName.accountUpdate, .passwordReset, .passwordChange]).subtracting(told)
        if dialect.mails[.passwordChanged] == nil || policy.passwordChangedMail == .reset,
            let route = dialect.routes.first(where: { $0.setsPassword && changers.contains($0.operation) })
        {
            warn("silent-changes", route.place, "a password is changed, and no mail `password-changed` tells its owner")
        }
        if dialect.mails[.emailChanged] == nil, policy.emailChange != .refused,
            let route = dialect.routes.first(where: { $0.operation == .accountUpdate && $0.storesAddress })
        {
            warn("silent-changes", route.place, "an e-mail is changed, and no mail `email-changed` tells its owner")
        }
    }

    private func checkExistence() {
        guard policy.existence == .reveal else { return }
        let node = policyNode["existence"]
        for route in dialect.routes {
            switch route.operation {
            case .register, .accountUpdate:
                guard route.operation == .register, route.rules.contains(where: { $0.slot == .email && $0.check == .unique }) else {
                    continue
                }
                warn("existence-revealed", node, "registration tells which e-mails are taken (`existence: reveal`)")
            case .login where route.tellsApart(.unknownAccount, .wrongPassword):
                warn("existence-revealed-at-login", route.place, "an unknown account and a wrong password are answered in other words")
            case .passwordForgot, .emailResend:
                let asks = route.rules.contains { $0.check == .exists }
                guard asks || policy.reveals(route.operation) && route.tells(.sent, from: .unknownAccount) else { continue }
                warn("existence-revealed-by-mails", route.place, "`\(route.operation.rawValue)` tells which e-mails are known")
            case .loginCode where policy.reveals(.loginCode) && route.tellsApart(.unknownAccount, .wrongCode):
                warn("existence-revealed-by-codes", route.place, "an unknown account and a wrong code are answered in other words")
            default: continue
            }
        }
    }

    private func checkCodes() {
        if case .passwordThenCode(let code) = policy.login, code.digits < 6 {
            warn("short-code", policyNode["login"], "login codes have \(code.digits) digits, and 6 are the least")
        }
        if case .code(let code) = policy.confirmation, code.digits < 6 {
            warn("short-code", policyNode["confirmation"], "confirmation codes have \(code.digits) digits, and 6 are the least")
        }
    }

    private func checkTokens() {
        guard dialect.access.lifetime > .seconds(86_400) else { return }
        warn(
            "long-lived-token", tree.map("tokens").map("access")["lifetime"],
            "an access token lives \(SchemaType.words(dialect.access.lifetime)), and a stolen one as long")
    }

    private func checkPassword(_ route: Route) {
        let rules = route.rules.filter { $0.slot == .password }
        let least = rules.compactMap { rule -> Int? in if case .min(let least) = rule.check { least } else { nil } }.max() ?? 0
        if least < 8 {
            let length = least == 0 ? "any length" : "\(least) characters"
            warn("short-password", route.place, "`\(route.name)` takes passwords of \(length), and 8 characters are the least")
        }
        if policy.password.blocklist == .refuse, !rules.contains(where: { $0.check == .uncommon }) {
            warn("common-passwords", route.place, "`\(route.name)` takes the most common passwords: it has no rule `uncommon`")
        }
    }
}

extension Route {
    fileprivate var setsPassword: Bool {
        [.register, .accountCreate, .accountUpdate, .passwordReset, .passwordChange].contains(operation)
            && slots.contains { $0.slot == .password }
    }

    fileprivate var storesAddress: Bool {
        [.register, .accountCreate, .accountUpdate].contains(operation) && slots.contains { $0.slot == .email }
    }

    fileprivate func tells(_ outcome: Outcome, from failure: FailureKind) -> Bool {
        guard let mine = outcomes[outcome], let theirs = answers[failure] else { return false }
        return mine.statuses != theirs.statuses || mine.words != theirs.words
    }

    /// Whether two failures can be told apart by a client, as far as words and statuses show.
    fileprivate func tellsApart(_ a: FailureKind, _ b: FailureKind) -> Bool {
        guard let mine = answers[a], let theirs = answers[b] else { return false }
        return mine.statuses != theirs.statuses || mine.words != theirs.words
    }
}

extension FieldRule {
    fileprivate var asksForAddress: Bool {
        guard slot == .email else { return false }
        switch check {
        case .email, .pattern, .patterns: return true
        default: return false
        }
    }
}

extension Policy {
    fileprivate func reveals(_ operation: OperationName) -> Bool { reveals.contains { $0.rawValue == operation.rawValue } }
}

extension Answer {
    fileprivate var statuses: [Int] { variants.map(\.status) }
    fileprivate var words: [String] {
        variants.map { variant in
            switch variant.message {
            case .key(let key): key
            case .reference(let reference): "$" + reference.written
            case nil: ""
            }
        }
    }
}
