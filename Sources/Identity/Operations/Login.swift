/// Signs in by password, or by password first and a mailed code next.
package struct Login {
    package static let signature = OperationSignature(
        .login, need: .none, slots: [.identifier, .email, .username, .phone, .password],
        outcomes: [.signedIn: [.account, .token], .codeSent: [.account]],
        failures: [.refused, .unknownAccount, .wrongPassword, .unconfirmed, .suspended, .locked])

    /// What the right password came to.
    private enum Verdict: Sendable {
        case signedIn(Account, DraftedTokens)
        case codeSent(Account)
        case refused(FailureKind)
    }

    @Sendable static func run(_ call: Call) async throws -> Ending {
        guard let name = call.typedName, let password = try call.password(.password) else { throw wrong(nil, call) }
        let (found, holder) = try await call.store.read { try (call.accountToSignIn(in: $0), call.holderOfTypedName(in: $0)?.id) }
        let (guess, match) = try await call.guess(password, of: found, holder: holder, name: name)
        guard match.matches, let found else {
            try await call.store.write { try call.failed(guess, in: $0) }
            call.report(.signInFailed(found?.id, .wrongPassword))
            throw wrong(found, call)
        }
        // A full queue must not refuse whom the queue has just let in; the hash is renewed another time.
        let renewed = match.needsRehash ? try? await call.hash(password) : nil
        switch try await admit(found, guess, renewed, call) {
        case .signedIn(let account, let tokens):
            call.report(.signedIn(account.id))
            return (.signedIn, call.facts(account, token: try await call.sign(tokens)))
        case .codeSent(let account):
            return (.codeSent, call.facts(account))
        case .refused(let kind):
            call.report(.signInFailed(found.id, kind))
            throw kind == .wrongPassword ? wrong(found, call) : Failure(kind)
        }
    }

    private static func admit(_ verified: Account, _ guess: Guess, _ renewed: String?, _ call: Call) async throws -> Verdict {
        let tokens = call.planTokens()
        let code = call.planLoginCode()
        let proof = call.planProof(.confirm)
        return try await call.store.write { store in
            // The password may have been changed, or the account suspended, while the hash was computed.
            guard var account = try store.account(id: verified.id, realm: call.realm), account.status != .deleted,
                account.passwordHash == verified.passwordHash
            else { return .refused(.wrongPassword) }
            try call.succeeded(guess, in: store)
            guard account.status == .active else { return .refused(.suspended) }
            if call.policy.loginWaitsForConfirmation, account.confirmedAt == nil {
                try remail(proof, to: account, call, in: store)
                return .refused(.unconfirmed)
            }
            if let renewed { account.passwordHash = renewed }
            guard case .passwordThenCode = call.policy.login else {
                let drafted = try call.signIn(&account, tokens, in: store)
                return .signedIn(account, drafted)
            }
            if renewed != nil { account = try store.update(account) }
            try call.send(code, to: account, in: store)
            return .codeSent(account)
        }
    }

    private static func remail(_ proof: PlannedMail?, to account: Account, _ call: Call, in store: any StoreWriting) throws {
        guard let proof, let gap = call.policy.unconfirmedLoginRemailsAfter else { return }
        if let newest = try store.secret(account: account.id, purpose: .confirm), !newest.isOver(at: call.now),
            newest.wait(gap, at: call.now) != nil
        {
            return
        }
        try call.send(proof, to: account, in: store)
    }

    /// Under `existence: hide` no dialect can tell the two apart, so the engine does not.
    private static func wrong(_ account: Account?, _ call: Call) -> Failure {
        if call.hides { return Failure(.refused) }
        return Failure(account == nil ? .unknownAccount : .wrongPassword)
    }
}
