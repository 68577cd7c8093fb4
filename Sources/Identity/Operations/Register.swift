/// Makes an account from what its owner typed, and mails the proof of its address.
package struct Register {
    package static let signature = OperationSignature(
        .register, need: .optional, slots: [.email, .username, .phone, .password, .passwordConfirmation, .role], takesAttributes: true,
        outcomes: [.registered: [.account, .apiKey], .registeredAndSignedIn: [.account, .token, .apiKey], .registrationPending: []])
}
