extension Call {
    func password(_ slot: Slot) throws -> PasswordText? {
        guard let typed = text(slot) else { return nil }
        guard let password = PasswordText(typed) else { throw Failure(.malformed) }
        return password
    }

    /// Hashes the new password of a request; nil when it has none.
    func newPasswordHash() async throws -> String? {
        guard let password = try password(.password) else { return nil }
        if policy.password.blocklist == .warn, environment.commonPasswords.contains(password) { report(.commonPassword) }
        return try await hash(password)
    }

    func hash(_ password: PasswordText) async throws -> String {
        try await environment.hasher.hash(password, scheme: policy.password.scheme, salt: environment.random(16), for: request.caller)
    }

    /// Compares with what is stored; nobody's password costs the same.
    func verify(_ password: PasswordText, of account: Account?) async throws -> PasswordMatch {
        let match = try await environment.hasher.verify(
            password, against: account?.passwordHash, scheme: policy.password.scheme, for: request.caller)
        if match.isBroken, let account { report(.brokenHash(account.id)) }
        return match
    }

    func isCommon(_ typed: String) -> Bool {
        guard policy.password.blocklist == .refuse, let password = PasswordText(typed) else { return false }
        return environment.commonPasswords.contains(password)
    }

    /// Whether this is the caller's own password; counts as a guess.
    func isCurrentPassword(_ typed: String) async throws -> Bool {
        let account = try caller().account
        guard let password = PasswordText(typed) else { return false }
        let (guess, match) = try await guess(password, of: account, holder: account.id, name: account.email)
        try await store.write { store in
            if match.matches { try succeeded(guess, in: store) } else { try failed(guess, in: store) }
        }
        return match.matches
    }

    /// Asks for the current password where no rule of the route has asked.
    func requireCurrentPassword() async throws {
        let hasRule = request.rules.contains { $0.slot == .currentPassword && $0.check == .current }
        guard let typed = text(.currentPassword) else {
            throw Failure(.invalid, problems: [problem(.currentPassword, .required)])
        }
        if hasRule { return }
        guard try await isCurrentPassword(typed) else { throw Failure(.invalid, problems: [problem(.currentPassword, .current)]) }
    }

    /// What follows when an account has a new password: other sessions end as the policy says, open codes and links die, and so does the
    /// proof of a new address.
    func afterPasswordChange(_ account: inout Account, keeping session: SessionID?, in store: any StoreWriting) throws {
        switch policy.passwordChangeEnds {
        case .nothing: break
        case .otherSessions: try store.endSessions(of: account.id, except: session, at: now)
        case .allSessions: try store.endSessions(of: account.id, except: nil, at: now)
        }
        if policy.passwordChangeEnds != .nothing { account.endSessions(at: now) }
        try store.void(account: account.id, purpose: .reset)
        try store.void(account: account.id, purpose: .loginCode)
        try store.voidProofOfNewEmail(of: account, at: now)
    }
}
