/// Why a store did not do what was asked of it; never holds a value that was stored.
package enum StoreError: Error, Sendable, Hashable {
    /// An account with this identifier is there already.
    case taken(IdentifierKind)
    /// Somebody wrote the row since it was read: read it again within the transaction that writes it.
    case conflict
    /// The backend does not answer, is full, is closed, or is locked for longer than its timeout.
    case unavailable(String)
    /// A row that cannot be what we wrote, or that could not be kept as it is: a text with U+0000, a digest or id that is there already,
    /// an account or session that is not.
    case damaged(String)

    /// In words for an operator.
    package var reason: String {
        switch self {
        case .unavailable(let reason), .damaged(let reason): reason
        case .taken, .conflict: "\(self)"
        }
    }
}
