/// Ends a login by the code that was mailed after the right password.
package struct LoginCode {
    package static let signature = OperationSignature(
        .loginCode, need: .none, slots: [.identifier, .email, .username, .phone, .code],
        outcomes: [.signedIn: [.account, .token]],
        failures: [.unknownAccount, .suspended, .noCode, .wrongCode, .expiredCode, .locked])
}
