extension MemoryTables {
    func session(id: SessionID) throws -> Session? { sessions[id] }
    func token(digest: Digest) throws -> TokenRecord? { tokens[digest] }
    func tokenDigests(after: Digest?, limit: Int) throws -> [Digest] {
        let isAfter = { (digest: Digest) in after.map { $0.bytes.lexicographicallyPrecedes(digest.bytes) } ?? true }
        return Array(
            tokens.rows.keys.filter(isAfter).sorted { $0.bytes.lexicographicallyPrecedes($1.bytes) }.prefix(max(0, limit)))
    }

    func apiKey(digest: Digest) throws -> APIKeyRecord? { apiKeyOwners[digest].flatMap { apiKeys[$0] } }

    func insert(_ session: Session) throws {
        try StoredText.check(session.realm)
        try requireAccount(session.account)
        guard sessions[session.id] == nil else { throw StoreError.damaged("the session's id is taken") }
        sessions[session.id] = session
    }

    func endSession(_ id: SessionID, at now: Instant) throws -> Bool {
        guard var session = sessions[id], session.endedAt == nil else { return false }
        session.endedAt = now
        sessions[id] = session
        return true
    }

    func endSessions(of account: AccountID, except: SessionID?, at now: Instant) throws {
        for session in sessions.rows.values where session.account == account && session.id != except {
            _ = try endSession(session.id, at: now)
        }
    }

    func insert(_ token: TokenRecord) throws -> Bool {
        guard tokens[token.digest] == nil, !token.distinct || issued[Self.second(of: token)] == nil else { return false }
        try require(token)
        add(token)
        return true
    }

    func endToken(_ record: TokenRecord, at now: Instant) throws -> Bool {
        guard var known = tokens[record.digest] else {
            try require(record)
            var ended = record
            ended.distinct = false
            ended.endedAt = now
            add(ended)
            return true
        }
        guard known.endedAt == nil else { return false }
        known.endedAt = now
        tokens[known.digest] = known
        return true
    }

    func useToken(_ digest: Digest, at now: Instant) throws -> Bool {
        guard var token = tokens[digest], token.usedAt == nil, token.endedAt == nil else { return false }
        token.usedAt = now
        tokens[digest] = token
        return true
    }

    func put(_ key: APIKeyRecord) throws {
        try StoredText.check(key.realm)
        try requireAccount(key.account)
        if let holder = apiKeyOwners[key.digest], holder != key.account { throw StoreError.damaged("the key's digest is taken") }
        if let old = apiKeys[key.account] { apiKeyOwners[old.digest] = nil }
        apiKeys[key.account] = key
        apiKeyOwners[key.digest] = key.account
    }

    func remove(_ token: TokenRecord) {
        tokens[token.digest] = nil
        let second = Self.second(of: token)
        let others = (issued[second] ?? 1) - 1
        issued[second] = others > 0 ? others : nil
    }

    private func add(_ token: TokenRecord) {
        tokens[token.digest] = token
        let second = Self.second(of: token)
        issued[second] = (issued[second] ?? 0) + 1
    }

    private func require(_ token: TokenRecord) throws {
        try requireAccount(token.account)
        if let session = token.session, sessions[session] == nil { throw StoreError.damaged("the token's session is not there") }
    }

    private static func second(of token: TokenRecord) -> IssueSecond {
        IssueSecond(account: token.account, purpose: token.purpose, second: token.issuedAt.seconds)
    }
}
