/// The account that a client names by its id on the wire.
package enum AccountReference: Sendable, Hashable {
    case id(AccountID)
    /// The number within the realm.
    case serial(Int64)
}
