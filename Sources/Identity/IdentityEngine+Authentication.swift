extension IdentityEngine {
    /// Says who shows this credential.
    ///
    /// The role and all else come from the stored account, never from claims. `renewableFor`: a token that has expired passes until that long after its issue, for renewal only. Throws `Failure` (`unauthenticated`
    /// and below), or what the store throws: an unreadable store never lets anybody pass.
    package func authenticate(
        _ credential: Credential, kinds: Set<CredentialKind>, renewableFor: Duration? = nil
    ) async throws -> Principal {
        switch credential {
        case .none:
            throw Failure(.noCredential)
        case .ambiguous:
            throw Failure(.badCredential)
        case .bearer(let token):
            guard kinds.contains(.bearer) else { throw Failure(.wrongKind) }
            return try await bearer(token, renewableFor: renewableFor)
        case .apiKey(let key):
            guard kinds.contains(.apiKey) else { throw Failure(.wrongKind) }
            return try await owner(of: key)
        }
    }

    /// Who shows this credential, if that is remembered and still holds; nil says nothing: ask `authenticate`.
    ///
    /// `isCounted`: a request rests on it.
    package func remembered(_ credential: Credential, kinds: Set<CredentialKind>, isCounted: Bool = true) -> PrincipalCache.Entry? {
        let (text, kind): (String, CredentialKind)
        switch credential {
        case .none, .ambiguous: return nil
        case .bearer(let token): (text, kind) = (token, .bearer)
        case .apiKey(let key): (text, kind) = (key, .apiKey)
        }
        guard kinds.contains(kind), let known = cache?.entry(of: text, at: environment.now()), known.principal.kind == kind else {
            return nil
        }
        if isCounted { cache?.meter.hit() }
        return known
    }

    /// Judges a token that this backend never recorded, from memory alone; nil says nothing: ask `authenticate`.
    ///
    /// Throws `Failure`.
    package func judgedAtOnce(_ credential: Credential, kinds: Set<CredentialKind>) throws -> PrincipalCache.Entry? {
        guard case .bearer(let token) = credential, kinds.contains(.bearer), frontend.takesForeignTokens, let cache,
            let hash = JWS.signingInputHash(of: token)
        else { return nil }
        // Taken first: what changes from here on makes the entry stale.
        let mark = cache.currentMark
        guard !cache.mayBeRecorded(Digest(hash)) else { return nil }
        let judge = TokenJudge(frontend: frontend, now: environment.now())
        let shown = try judge.read(token, as: frontend.access, hash: hash)
        guard judge.hasBegun(shown), let owner = cache.owner(shown.subject) else { return nil }
        cache.meter.missed()
        let record = try judge.foreign(shown, of: owner)
        let entry = PrincipalCache.Entry(
            principal: Principal(account: owner, kind: .bearer, token: record), expiresAt: shown.expiresAt, mark: mark)
        cache.remember(entry.principal, for: token, until: entry.expiresAt, mark: mark)
        return entry
    }

    private func known(_ text: String, _ kind: CredentialKind, at now: Instant) -> Principal? {
        guard let cache else { return nil }
        guard let known = cache.entry(of: text, at: now)?.principal, known.kind == kind else {
            cache.meter.missed()
            return nil
        }
        cache.meter.hit()
        return known
    }

    private func bearer(_ token: String, renewableFor: Duration?) async throws -> Principal {
        let now = environment.now()
        if let known = known(token, .bearer, at: now) { return known }
        let mark = cache?.currentMark ?? 0
        let judge = TokenJudge(frontend: frontend, now: now)
        let shown = try judge.read(token, as: frontend.access, renewableFor: renewableFor)
        let (record, account) = try await environment.store.read { try judge.standing(shown, in: $0) }
        let principal = Principal(account: account, kind: .bearer, token: record)
        cache?.remember(principal, for: token, until: shown.expiresAt, mark: mark)
        cache?.remember(account, as: shown.subject, mark: mark)
        return principal
    }

    private func owner(of key: String) async throws -> Principal {
        let judge = TokenJudge(frontend: frontend, now: environment.now())
        if let known = known(key, .apiKey, at: judge.now) { return known }
        let mark = cache?.currentMark ?? 0
        let digest = Digest.sha256(key)
        let principal = try await environment.store.read { [frontend] store in
            guard let record = try store.apiKey(digest: digest), record.realm.hasSameBytes(as: frontend.realm) else {
                throw Failure(.badKey)
            }
            return Principal(account: try judge.living(store.account(id: record.account, realm: frontend.realm)), kind: .apiKey)
        }
        cache?.remember(principal, for: key, until: .latest, mark: mark)
        return principal
    }
}
