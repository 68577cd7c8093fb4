/// How an operation ended.
package enum OperationResult: Sendable {
    case outcome(Outcome, Facts)
    case failure(Failure, Facts)
}

/// The good endings of all operations, named as in YAML; `OperationSignature` says which belong to which.
package enum Outcome: String, Sendable, Hashable, CaseIterable {
    case registered
    case registeredAndSignedIn = "registered-and-signed-in"
    /// Registration under `existence: hide` where the answer may not even show an account.
    case registrationPending = "registration-pending"
    case signedIn = "signed-in"
    case codeSent = "code-sent"
    case confirmed
    case sent
    case refreshed
    case reissued
    case signedOut = "signed-out"
    case page
    case reset
    case changed
    case found
    case updated
    case deleted
    case created
    case rotated
    case answered
}
