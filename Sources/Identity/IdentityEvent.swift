/// What an operator should hear of.
///
/// No secret and no typed name is in it.
package enum IdentityEvent: Sendable {
    /// An operation ended in an error that it does not know.
    case fault(OperationName?, any Error)
    /// The store did not answer.
    case storeUnavailable(String)
    /// More callers wanted a password hashed than may wait.
    case hashQueueFull
    case signedIn(AccountID)
    case signInFailed(AccountID?, FailureKind)
    /// A guess was refused because there had been too many.
    case locked
    /// A rotated refresh token was shown again after its grace: its session has been ended.
    case refreshTokenReused(AccountID)
    /// What is stored as the account's password is no hash.
    case brokenHash(AccountID)
    /// A common password was taken because the policy only warns.
    case commonPassword
    case passwordChanged(AccountID)
    case emailChanged(AccountID)
    case accountDeleted(AccountID)
    case apiKeyRotated(AccountID)
}
