/// How new passwords are kept: bcrypt of this cost, written under this variant.
package struct PasswordScheme: Sendable, Hashable {
    /// 2 to the power of `cost` rounds; 4 to 31.
    package var cost: Int
    /// `2a`, `2b` or `2y`: what the stored string begins with.
    ///
    /// All three verify alike.
    package var variant: String

    package init(cost: Int, variant: String) {
        self.cost = cost
        self.variant = variant
    }
}
