import Identity

/// The routes fit the policy: what an operation needs is taken, mailed, issued and renewed.
struct OperationCheck {
    let dialect: Dialect
    let tree: YAMLNode
    let findings: Findings

    private var policy: Policy { dialect.policy }

    func run() {
        for route in dialect.routes { check(route) }
        checkTokensApart()
        let renews: Bool =
            switch policy.renewal {
            case .staticToken, .rotating: true
            case .none, .reissue: false
            }
        let place = tree.map("policy")["renewal"]?.place ?? tree.map("tokens").place
        if renews, dialect.refresh == nil { findings.error(place, "this renewal needs `tokens: { refresh: … }`") }
        if case .rotating = policy.renewal, let refresh = dialect.refresh, refresh.jti == nil {
            findings.error(
                tree.map("tokens")["refresh"]?.place ?? place,
                "of tokens that are used once each has to differ from the one before: this one needs a claim `jti: $jti`, and `jti: uuid`")
        }
        if !renews, dialect.refresh != nil {
            findings.error(
                tree.map("tokens")["refresh"]?.place ?? place,
                "nothing renews by this token: `policy` needs `renewal: static` or `rotating`")
        }
        if policy.registration.apiKey, dialect.apiKeys == nil {
            findings.error(
                tree.map("policy").map("registration")["api-key"]?.place ?? place, "`api-key: true` needs `api-keys`: the form of a key")
        }
    }

    private func check(_ route: Route) {
        for wanted in wanted(route.operation) where !wanted.contains(where: { slot in route.slots.contains { $0.slot == slot } }) {
            let names = wanted.map { "`\($0)`" }.joined(separator: " or ")
            findings.error(route.place, "`\(route.operation.rawValue)` needs the slot \(names), which this route does not take")
        }
        if route.operation == .accountUpdate, takes(.password, route), !takes(.currentPassword, route) {
            findings.error(route.place, "who changes a password shows the old one: this route takes `password` and not `current_password`")
        }
        for (slot, check) in ownProblems(route) where !isWorded(slot, check, route) {
            findings.error(
                route.place,
                "`\(check.name)` of `\(slot)` may fail here, listed or not: list the rule, or write its words as `rules.\(check.name)` in `locales/`"
            )
        }
        if let lack = lack(route.operation) { findings.error(route.place, "`\(route.operation.rawValue)` needs \(lack)") }
        if route.kinds.contains(.apiKey), dialect.apiKeys == nil, dialect.credentials.foreignKeyPrefixes.isEmpty {
            findings.error(route.place, "API keys count here, and the dialect has no `api-keys`")
        }
    }

    private func takes(_ slot: Slot, _ route: Route) -> Bool { route.slots.contains { $0.slot == slot } }

    /// What the engine itself refuses a slot for, where no rule has done so.
    private func ownProblems(_ route: Route) -> [(Slot, FieldRule.Check)] {
        let unique: [(Slot, FieldRule.Check)] = IdentifierKind.allCases.map(\.slot).filter { takes($0, route) }.map { ($0, .unique) }
        switch route.operation {
        case .register, .accountCreate: return [(.email, .required), (.password, .required)] + unique
        case .accountUpdate:
            return unique + (takes(.password, route) ? [(.currentPassword, .required), (.currentPassword, .current)] : [])
        case .passwordReset: return [(.password, .required)]
        case .passwordChange: return [(.currentPassword, .required), (.currentPassword, .current), (.password, .required)]
        default: return []
        }
    }

    private func isWorded(_ slot: Slot, _ check: FieldRule.Check, _ route: Route) -> Bool {
        if route.rules.contains(where: { $0.slot == slot && $0.check == check }) { return true }
        let texts = dialect.catalogue.texts[dialect.languages.standard] ?? [:]
        return texts.isEmpty || texts["rules.\(check.name)"] != nil
    }

    /// A refresh token shown as an access token, or the other way round, is told by a literal claim.
    private func checkTokensApart() {
        guard let refresh = dialect.refresh else { return }
        let differs = dialect.access.constants.contains { name, value in refresh.constants[name].map { $0 != value } ?? false }
        guard !differs else { return }
        findings.error(
            tree.map("tokens")["refresh"]?.place ?? tree.place,
            "nothing tells this token from an access token: give both a literal claim, like `type: refresh` and `type: access`")
    }

    /// Of each list one slot must be taken.
    private func wanted(_ operation: OperationName) -> [[Slot]] {
        let names: [Slot] = [.identifier, .email, .username, .phone]
        switch operation {
        case .register, .accountCreate: return [[.email], [.password]]
        case .login: return [names, [.password]]
        case .loginCode: return [names, [.code]]
        case .emailConfirm:
            if case .code = policy.confirmation { return [[.email], [.code]] }
            return [[.link]]
        case .emailResend, .passwordForgot: return [[.email]]
        case .refresh: return [[.refreshToken]]
        case .passwordResetPage: return [[.link]]
        case .passwordReset: return policy.reset.needsEmail ? [[.link], [.email], [.password]] : [[.link], [.password]]
        case .passwordChange: return [[.currentPassword], [.password]]
        case .reissue, .logout, .accountRead, .accountUpdate, .accountDelete, .accountStats, .apiKeyRead, .apiKeyRotate, .static: return []
        }
    }

    /// What the policy does not have of what the operation is about.
    private func lack(_ operation: OperationName) -> String? {
        switch operation {
        case .emailConfirm, .emailResend: return policy.confirmation == .none ? "`policy: { confirmation: … }`" : nil
        case .loginCode: return policy.login == .password ? "`policy: { login: { then-code: … } }`" : nil
        case .refresh: return dialect.refresh == nil ? "`tokens: { refresh: … }`" : nil
        case .reissue:
            if case .reissue = policy.renewal { return nil }
            return "`policy: { renewal: { reissue: … } }`"
        case .apiKeyRead, .apiKeyRotate: return dialect.apiKeys == nil ? "`api-keys`" : nil
        default: return nil
        }
    }
}
