/// What an operator does to an account; the caller has read it in the same transaction.
extension StoreWriting {
    /// Refuses every sign-in and credential of the account until it is resumed.
    ///
    /// Its sessions end, so tokens of before do not come back, nor does the proof of a new address that they asked for; other mailed codes and
    /// links and its API key do.
    package func suspend(_ account: Account, at now: Instant) throws -> Account {
        guard account.status != .suspended else { return account }
        var account = account
        account.status = .suspended
        let end = account.endSessions(at: now)
        account.updatedAt = now
        try voidProofOfNewEmail(of: account, at: now)
        try endSessions(of: account.id, except: nil, at: end)
        return try update(account)
    }

    /// A new address that waits is shown on, and not confirmed any more: somebody else may have asked for it, by a session that ends now.
    ///
    /// Whoever wants it changes the address back, and asks again.
    package func voidProofOfNewEmail(of account: Account, at now: Instant) throws {
        guard account.pendingEmail != nil else { return }
        try void(account: account.id, purpose: .confirm)
        // Not for a time: as good as for ever.
        _ = try count(account.voidNewEmailBucket, window: .seconds(100 * 365 * 86_400), at: now)
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
        account.endSessions(at: now)
        account.updatedAt = now
        _ = try update(account)
        try endSessions(of: account.id, except: nil, at: now)
        for purpose in SecretPurpose.allCases { try void(account: account.id, purpose: purpose) }
    }
}

extension Account {
    /// Where it is kept that the new address that waits is not to be confirmed.
    var voidNewEmailBucket: String { "void-new-email/\(realm)/\(id)" }
}
