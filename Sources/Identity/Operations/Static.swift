/// A constant answer.
package struct Static {
    package static let signature = OperationSignature(
        .static, need: .none, slots: [],
        outcomes: [.answered: []])
}
