/// Shows the page behind a mailed link; consumes nothing and looks nothing up.
package struct PasswordResetPage {
    package static let signature = OperationSignature(
        .passwordResetPage, need: .none, slots: [.link, .email],
        outcomes: [.page: [.slot]],
        failures: [.noLink])
}
