extension MemoryTables {
    func secret(account: AccountID, purpose: SecretPurpose) throws -> Secret? {
        living[Duty(account: account, purpose: purpose)].flatMap { secrets[$0] }
    }

    func secret(digest: Digest, purpose: SecretPurpose) throws -> Secret? {
        (marks[Mark(digest: digest, purpose: purpose)] ?? []).compactMap { secrets[$0] }
            .filter { $0.voidedAt == nil }.max { $0.createdAt < $1.createdAt }
    }

    func put(_ secret: Secret) throws {
        try StoredText.check(secret.realm, secret.address)
        try requireAccount(secret.account)
        guard secrets[secret.id] == nil else { throw StoreError.damaged("the secret's id is taken") }
        void(account: secret.account, purpose: secret.purpose) { _ in secret.createdAt }
        let mark = Mark(digest: secret.digest, purpose: secret.purpose)
        secrets[secret.id] = secret
        marks[mark] = (marks[mark] ?? []).union([secret.id])
        guard secret.usedAt == nil, secret.voidedAt == nil else { return }
        living[Duty(account: secret.account, purpose: secret.purpose)] = secret.id
    }

    func use(_ secret: SecretID, at now: Instant) throws -> Bool {
        guard var secret = secrets[secret], secret.usedAt == nil, secret.voidedAt == nil else { return false }
        secret.usedAt = now
        secrets[secret.id] = secret
        living[Duty(account: secret.account, purpose: secret.purpose)] = nil
        return true
    }

    func countTry(_ secret: SecretID, limit: Int) throws -> Int {
        guard var secret = secrets[secret] else { return limit }
        guard secret.usedAt == nil, secret.voidedAt == nil else { return secret.tries }
        secret.tries += 1
        secrets[secret.id] = secret
        if secret.tries >= limit { try void(account: secret.account, purpose: secret.purpose) }
        return secret.tries
    }

    func void(account: AccountID, purpose: SecretPurpose) throws {
        void(account: account, purpose: purpose, at: \.createdAt)
    }

    func remove(_ secret: Secret) {
        secrets[secret.id] = nil
        let mark = Mark(digest: secret.digest, purpose: secret.purpose)
        let duty = Duty(account: secret.account, purpose: secret.purpose)
        let others = (marks[mark] ?? []).subtracting([secret.id])
        marks[mark] = others.isEmpty ? nil : others
        if living[duty] == secret.id { living[duty] = nil }
    }

    private func void(account: AccountID, purpose: SecretPurpose, at moment: (Secret) -> Instant) {
        let duty = Duty(account: account, purpose: purpose)
        guard let id = living[duty], var secret = secrets[id] else { return }
        secret.voidedAt = moment(secret)
        secrets[id] = secret
        living[duty] = nil
    }
}
