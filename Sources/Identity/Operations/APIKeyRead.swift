/// Tells callers about the account behind their API key; never the key.
package struct APIKeyRead {
    package static let signature = OperationSignature(
        .apiKeyRead, need: .required, slots: [],
        outcomes: [.found: [.account]])

    @Sendable static func run(_ call: Call) async throws -> Ending {
        (.found, call.facts(try call.caller().account))
    }
}
