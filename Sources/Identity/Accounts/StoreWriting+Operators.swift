/// What an operator does to an account; the caller has read it in the same transaction.
extension StoreWriting {
    /// Refuses every sign-in and credential of the account until it is resumed.
    ///
    /// Its sessions end, so tokens of before do not come back, and no new address is confirmed that they asked for; mailed codes, links and
    /// its API key do come back.
    package func suspend(_ account: Account, at now: Instant) throws -> Account {
        guard account.status != .suspended else { return account }
        var account = account
        account.status = .suspended
        account.sessionsEndedAt = now
        account.updatedAt = now
        try voidProofOfNewEmail(of: account)
        try endSessions(of: account.id, except: nil, at: now)
        return try update(account)
    }

    /// A new address that waits needs to be asked for again: somebody else may have asked for it, by a session that ends now.
    package func voidProofOfNewEmail(of account: Account) throws {
        guard account.pendingEmail != nil else { return }
        try void(account: account.id, purpose: .confirm)
    }

    package func resume(_ account: Account, at now: Instant) throws -> Account {
        var account = account
        account.status = .active
        account.updatedAt = now
        return try update(account)
    }

    /// Takes the account away, or only marks it so that its identifiers stay taken.
    package func delete(_ account: Account, _ deletion: Policy.Deletion, at now: Instant) throws {
        guard deletion == .keepsIdentifiers else { return try erase(account.id) }
        var account = account
        account.status = .deleted
        account.pendingEmail = nil
        account.sessionsEndedAt = now
        account.updatedAt = now
        _ = try update(account)
        try endSessions(of: account.id, except: nil, at: now)
        for purpose in SecretPurpose.allCases { try void(account: account.id, purpose: purpose) }
    }
}
