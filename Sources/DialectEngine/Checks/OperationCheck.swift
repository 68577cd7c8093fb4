import Identity

/// The routes fit the policy: what an operation needs is taken, mailed, issued and renewed.
struct OperationCheck {
    let dialect: Dialect
    let tree: YAMLNode
    let findings: Findings

    private var policy: Policy { dialect.policy }

    func run() {
        for route in dialect.routes { check(route) }
        let renews: Bool = switch policy.renewal {
        case .staticToken, .rotating: true
        case .none, .reissue: false
        }
        let place = tree.map("policy")["renewal"]?.place ?? tree.map("tokens").place
        if renews, dialect.refresh == nil { findings.error(place, "this renewal needs `tokens: { refresh: … }`") }
        if !renews, dialect.refresh != nil {
            findings.error(tree.map("tokens")["refresh"]?.place ?? place, "nothing renews by this token: `policy` needs `renewal: static` or `rotating`")
        }
        if policy.registration.apiKey, dialect.apiKeys == nil {
            findings.error(tree.map("policy").map("registration")["api-key"]?.place ?? place, "`api-key: true` needs `api-keys`: the form of a key")
        }
    }

    private func check(_ route: Route) {
        for wanted in wanted(route.operation) where !wanted.contains(where: { slot in route.slots.contains { $0.slot == slot } }) {
            let names = wanted.map { "`\($0)`" }.joined(separator: " or ")
            findings.error(route.place, "`\(route.operation.rawValue)` needs the slot \(names), which this route does not take")
        }
        if let lack = lack(route.operation) { findings.error(route.place, "`\(route.operation.rawValue)` needs \(lack)") }
        if route.kinds.contains(.apiKey), dialect.apiKeys == nil, dialect.credentials.foreignKeyPrefixes.isEmpty {
            findings.error(route.place, "API keys count here, and the dialect has no `api-keys`")
        }
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
