/// Makes an account for somebody else, by one who may.
package struct AccountCreate {
    package static let signature = OperationSignature(
        .accountCreate, need: .required, slots: [.email, .username, .phone, .password, .passwordConfirmation, .role], takesAttributes: true,
        outcomes: [.created: [.account, .apiKey]],
        failures: [.forbidden])

    @Sendable static func run(_ call: Call) async throws -> Ending {
        try call.requireAssigner()
        let account = try await call.newAccount()
        let key = call.policy.registration.apiKey ? try call.freshAPIKey() : nil
        switch try await call.store(account, mails: call.planWelcome(), key: key, tokens: nil) {
        case .account(let account, _), .ghost(let account):
            call.report(.accountCreated(account.id))
            return (.created, call.facts(account, apiKey: key?.plain))
        }
    }
}

extension Call {
    /// Refuses a caller who may not make accounts for others.
    func requireAssigner() throws {
        guard try caller().hasRole(among: policy.roles.assigners) else { throw Failure(.forbidden) }
    }
}
