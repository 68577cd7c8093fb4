/// Mails a link to set a new password.
package struct PasswordForgot {
    package static let signature = OperationSignature(
        .passwordForgot, need: .none, slots: [.email],
        outcomes: [.sent: []],
        failures: [.unknownAccount, .tooSoon])

    @Sendable static func run(_ call: Call) async throws -> Ending {
        let email = call.text(.email) ?? ""
        let reset = call.policy.reset
        let mail = call.plan(.reset, with: FreshSecret(link: reset.link, for: .reset, from: call.draw))
        let refusal: Failure? = try await call.store.write { store in
            guard let account = try call.account(.email, email, in: store) else {
                try call.pretend(mail, to: email, in: store)
                return Failure(.unknownAccount)
            }
            if let gap = reset.gap, let wait = try store.secret(account: account.id, purpose: .reset)?.wait(gap, at: call.now) {
                return Failure(.tooSoon, retryAfter: wait)
            }
            try call.send(mail, to: account, in: store)
            return nil
        }
        if let refusal, refusal.kind == .tooSoon ? !call.hides : call.reveals(.passwordForgot) { throw refusal }
        return (.sent, call.requestFacts)
    }
}
