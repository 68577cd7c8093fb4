/// What an operator should hear of.
///
/// No secret and no typed name is in it. `Events.md` of the Gateway says of each kind what it means.
package enum IdentityEvent: Sendable {
    case signedIn(AccountID)
    /// Nil: nobody has the name.
    case signInFailed(AccountID?, FailureKind)
    /// A guess was refused because there had been too many.
    case locked
    /// A caller asked for what its role may not have.
    case forbidden(AccountID?)
    /// A rotated refresh token was shown again after its grace: its session has been ended.
    case refreshTokenReused(AccountID)
    case registered(AccountID)
    case passwordChanged(AccountID)
    case emailChanged(AccountID)
    case apiKeyRotated(AccountID)
    /// By its owner or by an operator.
    case accountDeleted(AccountID)
    /// By a caller who may, or by an operator.
    case accountCreated(AccountID)
    case roleChanged(AccountID)
    case accountSuspended(AccountID)
    case accountResumed(AccountID)
    /// A common password was taken because the policy only warns.
    case commonPassword
    /// What is stored as the account's password is no hash.
    case brokenHash(AccountID)
    /// A mail that was owed could not be written, as the account's address is none that mails can go to.
    case mailNotWritten(AccountID, NoticeKind)
    /// More callers wanted a password hashed than may wait.
    case hashQueueFull
    /// The store did not answer.
    case storeUnavailable(String)
    /// An operation ended in an error that it does not know.
    case fault(OperationName?, any Error)

    package enum Kind: String, Sendable, Hashable, CaseIterable {
        case signedIn, signInFailed, locked, forbidden, refreshTokenReused, registered, passwordChanged, emailChanged, apiKeyRotated
        case accountDeleted, accountCreated, roleChanged, accountSuspended, accountResumed, commonPassword, brokenHash, mailNotWritten
        case hashQueueFull, storeUnavailable, fault
    }

    package var kind: Kind {
        switch self {
        case .signedIn: .signedIn
        case .signInFailed: .signInFailed
        case .locked: .locked
        case .forbidden: .forbidden
        case .refreshTokenReused: .refreshTokenReused
        case .registered: .registered
        case .passwordChanged: .passwordChanged
        case .emailChanged: .emailChanged
        case .apiKeyRotated: .apiKeyRotated
        case .accountDeleted: .accountDeleted
        case .accountCreated: .accountCreated
        case .roleChanged: .roleChanged
        case .accountSuspended: .accountSuspended
        case .accountResumed: .accountResumed
        case .commonPassword: .commonPassword
        case .brokenHash: .brokenHash
        case .mailNotWritten: .mailNotWritten
        case .hashQueueFull: .hashQueueFull
        case .storeUnavailable: .storeUnavailable
        case .fault: .fault
        }
    }

    /// Whose account it is about, where it is about one.
    package var account: AccountID? {
        switch self {
        case .signedIn(let id), .refreshTokenReused(let id), .registered(let id), .passwordChanged(let id), .emailChanged(let id),
            .apiKeyRotated(let id), .accountDeleted(let id), .accountCreated(let id), .roleChanged(let id), .accountSuspended(let id),
            .accountResumed(let id), .brokenHash(let id), .mailNotWritten(let id, _):
            id
        case .signInFailed(let id, _), .forbidden(let id): id
        case .locked, .commonPassword, .hashQueueFull, .storeUnavailable, .fault: nil
        }
    }
}
