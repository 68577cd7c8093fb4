/// Makes an account from what its owner typed, and mails the proof of its address.
package struct Register {
    package static let signature = OperationSignature(
        .register, need: .optional, slots: [.email, .username, .phone, .password, .passwordConfirmation, .role], takesAttributes: true,
        outcomes: [.registered: [.account, .apiKey], .registeredAndSignedIn: [.account, .token, .apiKey], .registrationPending: []])

    @Sendable static func run(_ call: Call) async throws -> Ending {
        let registration = call.policy.registration
        // A token or a key would tell a new account from a made-up one, so then both are answered without an account.
        let hidesAll = call.hides && (registration.hidesAll || registration.signsIn || registration.apiKey)
        let account = try await call.newAccount()
        let key = registration.apiKey && !hidesAll ? try call.freshAPIKey() : nil
        let tokens = registration.signsIn && !hidesAll ? call.planTokens() : nil
        let registered = try await call.store(account, mails: call.planWelcome(), key: key, tokens: tokens)
        if case .account(let account, _) = registered { call.report(.registered(account.id)) }
        if hidesAll { return (.registrationPending, call.requestFacts) }
        switch registered {
        case .ghost(let ghost):
            return (.registered, call.facts(ghost))
        case .account(let account, nil):
            return (.registered, call.facts(account, apiKey: key?.plain))
        case .account(let account, let tokens?):
            let issued = try await call.sign(tokens)
            return (.registeredAndSignedIn, call.facts(account, token: issued, apiKey: key?.plain))
        }
    }
}
