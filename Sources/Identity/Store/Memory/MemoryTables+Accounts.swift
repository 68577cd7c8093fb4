extension MemoryTables {
    func account(id: AccountID, realm: String) throws -> Account? {
        try StoredText.check(realm)
        return accounts[id].flatMap { $0.realm == realm ? $0 : nil }
    }

    func account(serial: Int64, realm: String) throws -> Account? {
        try StoredText.check(realm)
        return places[Place(realm: realm, serial: serial)].flatMap { accounts[$0] }
    }

    func account(_ kind: IdentifierKind, key: IdentifierKey, realm: String) throws -> Account? {
        try StoredText.check(realm, key.text)
        return names[Name(realm: realm, kind: kind, key: key)].flatMap { accounts[$0] }
    }

    func accounts(pendingEmail: IdentifierKey, realm: String) throws -> [Account] {
        try StoredText.check(realm, pendingEmail.text)
        let waiting = (pending[Pending(realm: realm, key: pendingEmail)] ?? []).compactMap { accounts[$0] }
        return Array(waiting.sorted { $0.serial < $1.serial }.prefix(2))
    }

    func accounts(realm: String, after: Int64, limit: Int, search: String?) throws -> [Account] {
        try StoredText.check(realm, search)
        let start = search.map { IdentifierKey($0).text.utf8 }
        let found = accounts.rows.values.filter { account in
            guard account.realm == realm, account.serial > after else { return false }
            guard let start else { return true }
            return IdentifierKey(account.email).text.utf8.starts(with: start)
                || account.username.map { IdentifierKey($0).text.utf8.starts(with: start) } ?? false
        }
        return Array(found.sorted { $0.serial < $1.serial }.prefix(max(0, limit)))
    }

    func accountCount(realm: String) throws -> Int64 {
        try StoredText.check(realm)
        return accounts.rows.values.reduce(0) { $0 + ($1.realm == realm ? 1 : 0) }
    }

    func insert(_ account: Account) throws -> Account {
        try StoredText.check(account)
        guard accounts[account.id] == nil else { throw StoreError.damaged("the account's id is taken") }
        try refuseTaken(account)
        var stored = account
        if account.serial > 0 {
            guard places[Place(realm: account.realm, serial: account.serial)] == nil else {
                throw StoreError.damaged("the account's serial is taken")
            }
            lastSerials[account.realm] = max(lastSerials[account.realm] ?? 0, account.serial)
        } else {
            stored.serial = try nextSerial(realm: account.realm)
        }
        stored.version = 1
        accounts[stored.id] = stored
        places[Place(realm: stored.realm, serial: stored.serial)] = stored.id
        index(stored)
        return stored
    }

    func update(_ account: Account) throws -> Account {
        try StoredText.check(account)
        guard let old = accounts[account.id], old.realm == account.realm, old.version == account.version else {
            throw StoreError.conflict
        }
        try refuseTaken(account)
        var stored = account
        stored.serial = old.serial
        stored.createdAt = old.createdAt
        stored.version += 1
        unindex(old)
        accounts[stored.id] = stored
        index(stored)
        return stored
    }

    func erase(_ account: AccountID) throws {
        guard let old = accounts[account] else { return }
        unindex(old)
        accounts[account] = nil
        places[Place(realm: old.realm, serial: old.serial)] = nil
        for token in tokens.rows.values where token.account == account { remove(token) }
        for session in sessions.rows.values where session.account == account { sessions[session.id] = nil }
        for secret in secrets.rows.values where secret.account == account { remove(secret) }
        if let key = apiKeys[account] { apiKeyOwners[key.digest] = nil }
        apiKeys[account] = nil
    }

    func nextSerial(realm: String) throws -> Int64 {
        try StoredText.check(realm)
        let serial = (lastSerials[realm] ?? 0) + 1
        lastSerials[realm] = serial
        return serial
    }

    private func refuseTaken(_ account: Account) throws {
        for name in Self.names(of: account) {
            if let holder = names[name], holder != account.id { throw StoreError.taken(name.kind) }
        }
    }

    private func index(_ account: Account) {
        for name in Self.names(of: account) { names[name] = account.id }
        guard let place = Self.pending(of: account) else { return }
        pending[place] = (pending[place] ?? []).union([account.id])
    }

    private func unindex(_ account: Account) {
        for name in Self.names(of: account) { names[name] = nil }
        guard let place = Self.pending(of: account), let others = pending[place]?.subtracting([account.id]) else { return }
        pending[place] = others.isEmpty ? nil : others
    }

    /// In the order in which `taken` names them.
    private static func names(of account: Account) -> [Name] {
        let identifiers: [(IdentifierKind, String?)] = [
            (.email, account.email), (.username, account.username), (.phone, account.phone),
        ]
        return identifiers.compactMap { kind, text in
            text.map { Name(realm: account.realm, kind: kind, key: IdentifierKey($0)) }
        }
    }

    private static func pending(of account: Account) -> Pending? {
        account.pendingEmail.map { Pending(realm: account.realm, key: IdentifierKey($0)) }
    }
}
