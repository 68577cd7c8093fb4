/// Sets a new password by a mailed link and ends all sessions.
package struct PasswordReset {
    package static let signature = OperationSignature(
        .passwordReset, need: .none, slots: [.link, .email, .password, .passwordConfirmation],
        outcomes: [.reset: [.account, .slot]],
        failures: [.noLink, .unknownLink, .expiredLink, .usedLink, .unknownAccount])
}
