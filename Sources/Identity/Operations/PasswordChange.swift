/// Sets a new password for a caller who knows the old one.
package struct PasswordChange {
    package static let signature = OperationSignature(
        .passwordChange, need: .required, slots: [.currentPassword, .password, .passwordConfirmation],
        outcomes: [.changed: [.account]],
        failures: [.locked])
}
