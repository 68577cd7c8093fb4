/// Mails a fresh proof of address.
package struct EmailResend {
    package static let signature = OperationSignature(
        .emailResend, need: .none, slots: [.email],
        outcomes: [.sent: []],
        failures: [.unknownAccount, .alreadyConfirmed, .tooSoon])
}
