/// Makes an account for somebody else, by one who may.
package struct AccountCreate {
    package static let signature = OperationSignature(
        .accountCreate, need: .required, slots: [.email, .username, .phone, .password, .passwordConfirmation, .role], takesAttributes: true,
        outcomes: [.created: [.account, .apiKey]],
        failures: [.forbidden])
}
