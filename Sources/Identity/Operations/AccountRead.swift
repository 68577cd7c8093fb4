/// Tells callers who they are.
package struct AccountRead {
    package static let signature = OperationSignature(
        .accountRead, need: .required, slots: [],
        outcomes: [.found: [.account]])

    @Sendable static func run(_ call: Call) async throws -> Ending {
        (.found, call.facts(try call.caller().account))
    }
}
