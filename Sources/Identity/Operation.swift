/// The operations that a dialect may name.
package enum OperationName: String, Sendable, Hashable, CaseIterable {
    case register
    case login
    case loginCode = "login.code"
    case emailConfirm = "email.confirm"
    case emailResend = "email.resend"
    case refresh
    case reissue
    case logout
    case passwordForgot = "password.forgot"
    case passwordResetPage = "password.reset.page"
    case passwordReset = "password.reset"
    case passwordChange = "password.change"
    case accountRead = "account.read"
    case accountUpdate = "account.update"
    case accountDelete = "account.delete"
    case accountCreate = "account.create"
    case accountStats = "account.stats"
    case apiKeyRead = "api-key.read"
    case apiKeyRotate = "api-key.rotate"
    case `static`
}

/// What a dialect must know of an operation to map it: closed, and checked when a dialect is loaded.
package struct OperationSignature: Sendable {
    package var name: OperationName
    package var need: PrincipalNeed
    /// The engine's slots it reads; `attributes` adds those that the dialect declares.
    package var slots: Set<Slot>
    package var takesAttributes: Bool
    /// Its outcomes with the groups of facts that each brings.
    package var outcomes: [Outcome: Set<FactGroup>]
    /// The failures of its own, beside those that any route can meet.
    package var failures: Set<FailureKind>

    package init(
        _ name: OperationName, need: PrincipalNeed, slots: Set<Slot>, takesAttributes: Bool = false,
        outcomes: [Outcome: Set<FactGroup>], failures: Set<FailureKind> = []
    ) {
        self.name = name
        self.need = need
        self.slots = slots
        self.takesAttributes = takesAttributes
        self.outcomes = outcomes
        self.failures = failures
    }

    /// Every kind that a route with this operation can meet; the dialect must answer each, itself or by an ancestor.
    package func possibleFailures(need: PrincipalNeed, hasRules: Bool, guardedByRole: Bool) -> Set<FailureKind> {
        var kinds = failures.union([.malformed, .tooLarge, .rateLimited, .internal, .unavailable])
        if hasRules { kinds.formUnion([.invalid, .missing, .duplicate]) }
        if need == .required {
            kinds.formUnion(FailureKind.allCases.filter { $0.lineage.contains(.unauthenticated) })
        }
        if guardedByRole { kinds.insert(.forbidden) }
        return kinds
    }
}
