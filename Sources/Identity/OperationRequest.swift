/// What a caller asks of the engine, its slots filled and no rule run yet.
package struct OperationRequest: Sendable {
    package var operation: OperationName
    /// A slot that the client did not send is not here; one sent as null is `.null`.
    package var slots: [Slot: SlotValue]
    package var rules: [FieldRule]
    package var validation: Validation
    package var credential: Credential
    /// Which kinds of credential count here.
    package var credentialKinds: Set<CredentialKind>
    /// The operation's own need of a caller, loosened to `optional` by some routes.
    package var need: PrincipalNeed
    /// The roles that may pass; nil: any.
    package var roles: [String]?
    /// Set when the body could not be read: told only after the caller has been judged.
    package var unreadable: FailureKind?
    /// The caller's language, chosen by the dialect: mails are written in it.
    package var language: String
    /// The path of this request, for issuers that name it.
    package var path: String
    /// The caller's address, text form: what logs tell.
    package var address: String
    /// What of it guesses are counted by: several addresses may be one caller's.
    package var network: String
    /// By whom turns are taken where work has to wait; empty where somebody speaks for many.
    package var caller = ""

    package init(
        operation: OperationName, slots: [Slot: SlotValue] = [:], rules: [FieldRule] = [], validation: Validation = Validation(),
        credential: Credential = .none, credentialKinds: Set<CredentialKind> = [.bearer], need: PrincipalNeed = .none,
        roles: [String]? = nil, unreadable: FailureKind? = nil, language: String = "en", path: String = "/", address: String = "",
        network: String? = nil
    ) {
        self.operation = operation
        self.slots = slots
        self.rules = rules
        self.validation = validation
        self.credential = credential
        self.credentialKinds = credentialKinds
        self.need = need
        self.roles = roles
        self.unreadable = unreadable
        self.language = language
        self.path = path
        self.address = address
        self.network = network ?? address
    }

    /// The slot's text; nil when absent, null, empty or no string.
    package func text(_ slot: Slot) -> String? {
        guard let string = slots[slot]?.value.string, !string.isEmpty else { return nil }
        return string
    }
}

/// What a caller shows to say who it is.
package enum Credential: Sendable, Hashable {
    case none
    case bearer(String)
    case apiKey(String)
    /// Several at once, or a form that no scheme allows: never judged, always refused.
    case ambiguous
}

package enum CredentialKind: String, Sendable, Hashable, CaseIterable {
    case bearer
    case apiKey = "api-key"
}

package enum PrincipalNeed: String, Sendable, Hashable, CaseIterable {
    /// Public: a credential is not looked at.
    case none
    /// A valid credential counts, any other is as none.
    case optional
    case required
}
