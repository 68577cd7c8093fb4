/// Tells callers about their sign-ins and usage.
package struct AccountStats {
    package static let signature = OperationSignature(
        .accountStats, need: .required, slots: [],
        outcomes: [.found: [.account, .usage]])
}
