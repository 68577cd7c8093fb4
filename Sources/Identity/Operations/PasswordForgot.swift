/// Mails a link to set a new password.
package struct PasswordForgot {
    package static let signature = OperationSignature(
        .passwordForgot, need: .none, slots: [.email],
        outcomes: [.sent: []],
        failures: [.unknownAccount, .tooSoon])
}
