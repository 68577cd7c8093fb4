package import Identity

/// An account as an operator describes it, not yet judged.
package struct AccountDraft: Sendable {
    /// Identifiers, role and attributes by their names.
    package var slots: [String: Value]
    package var password: SecretText?
    package var isConfirmed: Bool

    package init(slots: [String: Value], password: SecretText?, isConfirmed: Bool) {
        self.slots = slots
        self.password = password
        self.isConfirmed = isConfirmed
    }
}

/// Why an operator's wish was refused, in words that show no secret.
package struct AccountFault: Error, Sendable, Hashable, CustomStringConvertible {
    package var description: String

    package init(_ description: String) { self.description = description }
}
