/// Ends the caller's session, or only the presented token, as the policy says.
package struct Logout {
    package static let signature = OperationSignature(
        .logout, need: .required, slots: [.refreshToken],
        outcomes: [.signedOut: []])
}
