/// What rules ask of the world outside of the request.
package struct RuleWorld: Sendable {
    /// Whether an account has this identifier already; the caller's own account does not count, and a realm that hides its accounts says no.
    package var isTaken: @Sendable (IdentifierKind, String) async throws -> Bool
    /// Whether an account has this identifier; the slot says of which kinds, and a realm that hides its accounts says yes.
    package var exists: @Sendable (Slot, String) async throws -> Bool
    /// Whether this is the caller's password.
    ///
    /// Counts as a guess, and throws when there have been too many.
    package var isCurrentPassword: @Sendable (String) async throws -> Bool
    /// Whether the policy refuses this password as a common one.
    package var isCommon: @Sendable (String) -> Bool
    /// Whether the caller may give this role.
    package var mayAssign: @Sendable (String) -> Bool
    /// Any moment of the day, in UTC, that counts as today.
    package var today: Instant

    package init(
        today: Instant,
        isTaken: @escaping @Sendable (IdentifierKind, String) async throws -> Bool,
        exists: @escaping @Sendable (Slot, String) async throws -> Bool,
        isCurrentPassword: @escaping @Sendable (String) async throws -> Bool,
        isCommon: @escaping @Sendable (String) -> Bool,
        mayAssign: @escaping @Sendable (String) -> Bool
    ) {
        self.today = today
        self.isTaken = isTaken
        self.exists = exists
        self.isCurrentPassword = isCurrentPassword
        self.isCommon = isCommon
        self.mayAssign = mayAssign
    }
}
