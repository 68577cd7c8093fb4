/// Confirms an address by the mailed code or link.
package struct EmailConfirm {
    package static let signature = OperationSignature(
        .emailConfirm, need: .none, slots: [.email, .code, .link],
        outcomes: [.confirmed: [.account]],
        failures: [.noCode, .wrongCode, .expiredCode, .noLink, .unknownLink, .expiredLink, .usedLink, .unknownAccount, .alreadyConfirmed])
}
