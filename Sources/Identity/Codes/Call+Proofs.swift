/// What trying a mailed code or link came to.
///
/// Tries are counted, so a wrong one is a value: its transaction must be kept.
enum ProofVerdict: Sendable {
    case good(Secret)
    case refused(FailureKind)
}

extension Call {
    /// Judges a code within the transaction that uses it or counts the wrong try: a hundred at once are a hundred tries.
    func tryCode(
        _ code: String, _ purpose: SecretPurpose, of account: Account, tries: Int, in store: any StoreWriting
    ) throws -> ProofVerdict {
        // A frontend beside this one may mail links: a try at a code is none at them.
        guard let secret = try store.secret(account: account.id, purpose: purpose), !FreshSecret.isLink(secret) else {
            _ = FreshSecret.digest(ofCode: code, id: SecretID(bytes: [])).isSame(as: Digest.sha256(code))
            return .refused(.noCode)
        }
        guard FreshSecret.digest(ofCode: code, id: secret.id).isSame(as: secret.digest) else {
            _ = try store.countTry(secret.id, limit: tries)
            return .refused(.wrongCode)
        }
        guard !secret.isOver(at: now) else { return .refused(.expiredCode) }
        guard try store.use(secret.id, at: now) else { return .refused(.noCode) }
        return .good(secret)
    }

    /// Finds what a link's token belongs to: the secret and its living account, whether it was used or has expired or not.
    func secret(link token: String, _ purpose: SecretPurpose, in store: any StoreReading) throws -> (Secret, Account)? {
        guard let secret = try store.secret(digest: FreshSecret.digest(ofLink: token), purpose: purpose) else { return nil }
        guard secret.realm.hasSameBytes(as: realm), let account = try store.account(id: secret.account, realm: realm) else { return nil }
        return account.status == .deleted ? nil : (secret, account)
    }
}
