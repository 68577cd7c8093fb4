/// Sets a new password by a mailed link and ends all sessions.
package struct PasswordReset {
    package static let signature = OperationSignature(
        .passwordReset, need: .none, slots: [.link, .email, .password, .passwordConfirmation],
        outcomes: [.reset: [.account, .slot]],
        failures: [.noLink, .unknownLink, .expiredLink, .usedLink, .unknownAccount])

    @Sendable static func run(_ call: Call) async throws -> Ending {
        // Judged before the password is hashed, and again when the link is used: a wrong link costs no hash.
        try await call.judgeResetLink()
        guard let hash = try await call.newPasswordHash() else {
            throw Failure(.missing, problems: [call.problem(.password, .required)])
        }
        let notice = call.plan(.passwordChanged)
        let account = try await call.store.write { store in
            var (secret, account) = try call.resetLink(in: store)
            guard try store.use(secret.id, at: call.now) else { throw Failure(.usedLink) }
            account.passwordHash = hash
            account.updatedAt = call.now
            account.endSessions(at: call.now)
            if call.policy.reset.confirms, account.confirmedAt == nil { account.confirmedAt = call.now }
            try store.voidProofOfNewEmail(of: account, at: call.now)
            account = try store.update(account)
            try store.endSessions(of: account.id, except: nil, at: call.now)
            try store.void(account: account.id, purpose: .loginCode)
            try call.forgiveGuesses(account.id, in: store)
            try call.send(notice, to: account, in: store)
            return account
        }
        call.report(.passwordChanged(account.id))
        return (.reset, call.facts(account))
    }
}

extension Call {
    /// Refuses a link that could not be used now, and consumes nothing.
    func judgeResetLink() async throws {
        _ = try await store.read { try resetLink(in: $0) }
    }

    fileprivate func resetLink(in store: any StoreReading) throws -> (Secret, Account) {
        guard let token = text(.link) else { throw Failure(.noLink) }
        var named: Account?
        if policy.reset.needsEmail {
            named = try account(.email, text(.email) ?? "", in: store)
            if named == nil, !hides { throw Failure(.unknownAccount) }
        }
        guard let (secret, account) = try secret(link: token, .reset, in: store), secret.address.hasSameBytes(as: account.email) else {
            throw Failure(.unknownLink)
        }
        if policy.reset.needsEmail, named?.id != account.id { throw Failure(.unknownLink) }
        if secret.usedAt != nil { throw Failure(secret.isOver(at: now) ? .unknownLink : .usedLink) }
        guard !secret.isOver(at: now) else { throw Failure(.expiredLink) }
        return (secret, account)
    }
}
