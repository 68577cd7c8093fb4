extension Call {
    /// The call with its caller judged again, within the transaction that acts for it.
    ///
    /// Since it was let in, the credential may have ended and the account may have lost its role. A conflict when the account's password is
    /// no longer the one that the caller has just proved to know. Without a caller nothing is judged.
    func judgedAgain(in store: any StoreReading) throws -> Call {
        guard let shown = principal else { return self }
        let now = try standing(shown, in: store)
        if request.need == .required, let roles = request.roles, !now.hasRole(among: roles) { throw Failure(.forbidden) }
        let hasProved = text(.currentPassword) != nil
        guard !hasProved || now.account.passwordHash == shown.account.passwordHash else { throw StoreError.conflict }
        var call = self
        call.principal = now
        return call
    }

    private func standing(_ shown: Principal, in store: any StoreReading) throws -> Principal {
        let judge = TokenJudge(frontend: frontend, now: self.now)
        let account = try store.account(id: shown.account.id, realm: realm)
        guard let token = shown.token else { return Principal(account: try owner(account, judge, in: store), kind: shown.kind) }
        guard let record = try store.token(digest: token.digest) else {
            // Not issued here: it goes with the first end of all sessions since it was read.
            let account = try judge.living(account)
            guard account.sessionsEndedAt == shown.account.sessionsEndedAt else { throw Failure(.revokedCredential) }
            return Principal(account: account, kind: shown.kind, token: token)
        }
        return Principal(account: try judge.owner(of: record, in: store), kind: shown.kind, token: record)
    }

    /// The owner of the shown API key, while it is the account's key.
    private func owner(_ account: Account?, _ judge: TokenJudge, in store: any StoreReading) throws -> Account {
        let account = try judge.living(account)
        guard case .apiKey(let key) = request.credential, try store.apiKey(digest: .sha256(key))?.account == account.id else {
            throw Failure(.badKey)
        }
        return account
    }
}
