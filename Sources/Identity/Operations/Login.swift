/// Signs in by password, or by password first and a mailed code next.
package struct Login {
    package static let signature = OperationSignature(
        .login, need: .none, slots: [.identifier, .email, .username, .phone, .password],
        outcomes: [.signedIn: [.account, .token], .codeSent: [.account]],
        failures: [.unknownAccount, .wrongPassword, .unconfirmed, .suspended, .locked])
}
