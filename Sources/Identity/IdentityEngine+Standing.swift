extension IdentityEngine {
    /// Somebody who has been authenticated, with the account as it is now, if nothing but time or a renewal has ended the credential since.
    ///
    /// Throws `Failure` (`unauthenticated` and below), or what the store throws.
    package func standing(of principal: Principal) async throws -> Principal {
        let judge = TokenJudge(frontend: frontend, now: environment.now())
        return try await environment.store.read { [frontend] store in
            let account = try judge.living(store.account(id: principal.account.id, realm: frontend.realm))
            if let token = principal.token {
                guard try !Self.isOver(token, of: account, frontend.policy, in: store) else { throw Failure(.revokedCredential) }
            }
            return Principal(account: account, kind: principal.kind, token: principal.token)
        }
    }

    private static func isOver(_ token: TokenRecord, of account: Account, _ policy: Policy, in store: any StoreReading) throws -> Bool {
        let hasEnded = try store.token(digest: token.digest)?.endedAt != nil
        if let session = try token.session.flatMap({ try store.session(id: $0) }) {
            // Where signing out ends the session, a token that has ended alone was renewed.
            return session.endedAt != nil || (hasEnded && policy.logoutEnds == .token)
        }
        // Of a token that has no session, or whose session is forgotten, its own record and the account remember.
        return hasEnded || account.sessionsEndedAt.map { token.issuedAt.seconds <= $0.seconds } ?? false
    }
}
