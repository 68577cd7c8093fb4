/// Shows the page behind a mailed link; consumes nothing and looks nothing up.
package struct PasswordResetPage {
    package static let signature = OperationSignature(
        .passwordResetPage, need: .none, slots: [.link, .email],
        outcomes: [.page: [.slot]],
        failures: [.noLink])

    @Sendable static func run(_ call: Call) async throws -> Ending {
        guard call.text(.link) != nil else { throw Failure(.noLink) }
        if call.policy.reset.needsEmail, call.text(.email) == nil { throw Failure(.noLink) }
        return (.page, call.requestFacts)
    }
}
