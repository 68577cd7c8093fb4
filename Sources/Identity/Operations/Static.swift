/// A constant answer.
package struct Static {
    package static let signature = OperationSignature(
        .static, need: .none, slots: [],
        outcomes: [.answered: []])

    @Sendable static func run(_ call: Call) async throws -> Ending { (.answered, call.requestFacts) }
}
