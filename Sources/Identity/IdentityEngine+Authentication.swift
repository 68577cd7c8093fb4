import Crypto

extension IdentityEngine {
    /// Says who shows this credential.
    ///
    /// The role and all else come from the stored account, never from claims. `renewableFor`: a token that has expired passes until that long after its issue, for renewal only. Throws `Failure` (`unauthenticated`
    /// and below), or what the store throws: an unreadable store never lets anybody pass. `shown`: what a glance at it has read already.
    package func authenticate(
        _ credential: Credential, kinds: Set<CredentialKind>, renewableFor: Duration? = nil, shown: ShownToken? = nil
    ) async throws -> Principal {
        switch credential {
        case .none:
            throw Failure(.noCredential)
        case .ambiguous:
            throw Failure(.badCredential)
        case .bearer(let token):
            guard kinds.contains(.bearer) else { throw Failure(.wrongKind) }
            return try await bearer(token, renewableFor: renewableFor, shown)
        case .apiKey(let key):
            guard kinds.contains(.apiKey) else { throw Failure(.wrongKind) }
            return try await owner(of: key)
        }
    }

    /// Who shows this credential, as far as that can be said without waiting.
    ///
    /// What is remembered counts as long as it holds. A token that this backend never recorded is judged from memory alone, if its account
    /// is remembered. Throws `Failure`.
    package func glance(at credential: Credential, kinds: Set<CredentialKind>) throws -> Glance {
        guard let cache, let (text, kind) = credential.shown, kinds.contains(kind) else { return .unknown(nil) }
        let (now, hashes) = (environment.now(), TokenHashes(text))
        if let known = cache.entry(of: hashes.whole, at: now), known.principal.kind == kind {
            cache.meter.hit()
            return .holds(known, isNew: false)
        }
        guard kind == .bearer, frontend.takesForeignTokens, let hash = hashes.signed else { return .unknown(nil) }
        // Taken first: what changes from here on makes the entry stale.
        let mark = cache.currentMark
        guard !cache.mayBeRecorded(Digest(hash)) else { return .unknown(nil) }
        let judge = TokenJudge(frontend: frontend, now: now)
        let shown = try judge.read(text, as: frontend.access, hash: hash)
        guard judge.hasBegun(shown), let owner = cache.owner(shown.subject) else { return .unknown(shown) }
        cache.meter.missed()
        let record = try judge.foreign(shown, of: owner)
        let entry = PrincipalCache.Entry(
            Principal(account: owner, kind: .bearer, token: record), expiresAt: shown.expiresAt, mark: mark)
        cache.remember(entry, for: hashes.whole)
        return .holds(entry, isNew: true)
    }

    /// What is remembered of this credential, if it still holds.
    package func remembered(_ credential: Credential, kinds: Set<CredentialKind>) -> PrincipalCache.Entry? {
        guard let cache, let (text, kind) = credential.shown, kinds.contains(kind),
            let known = cache.entry(of: TokenHashes(text).whole, at: environment.now()), known.principal.kind == kind
        else { return nil }
        return known
    }

    /// Remembers accounts before anybody asks for them: about the newest, as many as half the memory takes.
    ///
    /// - Throws: what the store throws.
    package func rememberAccounts() async throws {
        guard let cache, frontend.takesForeignTokens else { return }
        let (mark, realm, room) = (cache.currentMark, frontend.realm, cache.roomForAccounts)
        let accounts = try await environment.store.read { store in
            // Serials have gaps, so the count is behind the newest at most.
            try store.accounts(realm: realm, after: max(0, store.accountCount(realm: realm) - Int64(room)), limit: room, search: nil)
        }
        for account in accounts { cache.remember(account, as: frontend.access.subjectCodec.reference(to: account), mark: mark) }
    }

    private func known(_ hash: SHA256Digest, _ kind: CredentialKind, at now: Instant) -> Principal? {
        guard let cache else { return nil }
        guard let known = cache.entry(of: hash, at: now)?.principal, known.kind == kind else {
            cache.meter.missed()
            return nil
        }
        cache.meter.hit()
        return known
    }

    private func bearer(_ token: String, renewableFor: Duration?, _ shown: ShownToken?) async throws -> Principal {
        let (now, hashes) = (environment.now(), TokenHashes(token))
        if let known = known(hashes.whole, .bearer, at: now) { return known }
        let mark = cache?.currentMark ?? 0
        let judge = TokenJudge(frontend: frontend, now: now)
        let shown = try shown ?? judge.read(token, as: frontend.access, renewableFor: renewableFor, hash: hashes.signed)
        let (record, account) = try await environment.store.read { try judge.standing(shown, in: $0) }
        let principal = Principal(account: account, kind: .bearer, token: record)
        cache?.remember(PrincipalCache.Entry(principal, expiresAt: shown.expiresAt, mark: mark), for: hashes.whole)
        cache?.remember(account, as: shown.subject, mark: mark)
        return principal
    }

    private func owner(of key: String) async throws -> Principal {
        let (judge, hash) = (TokenJudge(frontend: frontend, now: environment.now()), SHA256.hash(data: Array(key.utf8)))
        if let known = known(hash, .apiKey, at: judge.now) { return known }
        let mark = cache?.currentMark ?? 0
        let digest = Digest(hash)
        let principal = try await environment.store.read { [frontend] store in
            guard let record = try store.apiKey(digest: digest), record.realm.hasSameBytes(as: frontend.realm) else {
                throw Failure(.badKey)
            }
            return Principal(account: try judge.living(store.account(id: record.account, realm: frontend.realm)), kind: .apiKey)
        }
        cache?.remember(PrincipalCache.Entry(principal, expiresAt: .latest, mark: mark), for: hash)
        return principal
    }
}

/// What can be said of a credential without waiting.
package enum Glance: Sendable {
    /// It holds, and this is what that rests on; `isNew` when nobody has shown it lately.
    case holds(PrincipalCache.Entry, isNew: Bool)
    /// The store has to be asked; with what a token says whose signature is good and of which nobody here has a record.
    case unknown(ShownToken?)
}

extension Credential {
    /// The one that is shown, as text.
    fileprivate var shown: (text: String, kind: CredentialKind)? {
        switch self {
        case .none, .ambiguous: nil
        case .bearer(let token): (token, .bearer)
        case .apiKey(let key): (key, .apiKey)
        }
    }
}
