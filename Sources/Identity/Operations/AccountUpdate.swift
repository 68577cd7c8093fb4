/// Changes the caller's own account.
package struct AccountUpdate {
    package static let signature = OperationSignature(
        .accountUpdate, need: .required, slots: [.email, .username, .phone, .password, .passwordConfirmation, .currentPassword, .role], takesAttributes: true,
        outcomes: [.updated: [.account]],
        failures: [.locked])
}
