/// Tells callers who they are.
package struct AccountRead {
    package static let signature = OperationSignature(
        .accountRead, need: .required, slots: [],
        outcomes: [.found: [.account]])
}
