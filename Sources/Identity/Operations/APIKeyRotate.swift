/// Gives the caller a new API key; the old one is dead at once.
package struct APIKeyRotate {
    package static let signature = OperationSignature(
        .apiKeyRotate, need: .required, slots: [],
        outcomes: [.rotated: [.account, .apiKey]])

    @Sendable static func run(_ call: Call) async throws -> Ending {
        let account = try call.caller().account
        let key = try call.freshAPIKey()
        try await call.store.write { store in
            try call.put(key, of: try call.judgedAgain(in: store).caller().account, in: store)
        }
        call.report(.apiKeyRotated(account.id))
        return (.rotated, call.facts(account, apiKey: key.plain))
    }
}
