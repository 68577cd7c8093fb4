extension Call {
    func planTokens() -> PlannedTokens {
        PlannedTokens(
            session: SessionID(bytes: draw.bytes(16)), accessJTI: frontend.access.jti.map(draw.jti) ?? "",
            refreshJTI: frontend.refresh?.jti.map(draw.jti) ?? "")
    }

    /// Opens a session with its tokens, and counts the sign-in.
    ///
    /// The account is written, so its changes may ride along.
    func signIn(_ account: inout Account, _ plan: PlannedTokens, in store: any StoreWriting) throws -> DraftedTokens {
        account.signInCount += 1
        account.firstSignInAt = account.firstSignInAt ?? now
        account.lastSignInAt = now
        account = try store.update(account)
        try store.insert(
            Session(id: plan.session, realm: realm, account: account.id, createdAt: now, expiresAt: now + frontend.longestTokenLife))
        let access = try issue(frontend.access, to: account, session: plan.session, jti: plan.accessJTI, in: store)
        guard let profile = frontend.refresh, policy.renewal.usesRefreshTokens else { return DraftedTokens(access: access) }
        let refresh = try issue(profile, to: account, session: plan.session, jti: plan.refreshJTI, in: store)
        return DraftedTokens(access: access, refresh: refresh)
    }

    /// Records a token.
    ///
    /// Where claims hold no `jti`, two tokens of one second would be one: the times move back together until it is new. Throws `rateLimited`
    /// when the account has had one of each second that may be told.
    func issue(
        _ profile: TokenProfile, to account: Account, session: SessionID, jti: String, expiresAt: Int64? = nil, in store: any StoreWriting
    ) throws -> TokenDraft {
        for second in seconds(of: profile, from: now) {
            let draft = draft(profile, for: account, jti: jti, at: second, expiresAt: expiresAt)
            let record = TokenRecord(
                digest: draft.digest, purpose: profile.purpose, session: session, account: account.id,
                issuedAt: Instant(seconds: draft.issuedAt),
                expiresAt: policy.renewal.end(
                    of: profile.purpose, issuedAt: Instant(seconds: draft.issuedAt), expiresAt: Instant(seconds: draft.expiresAt)),
                distinct: profile.jti == nil)
            if try store.insert(record) { return draft }
        }
        throw Failure(.rateLimited, retryAfter: .seconds(1))
    }

    /// The seconds that a token of this moment may tell as its time of issue, in the order in which they are tried.
    ///
    /// Half a minute at most: each costs a question within the transaction, and `expires_in` is told as if the times had not moved. Whoever
    /// has a refresh token can ask without end, so renewals leave every tenth second alone: the account's owner can still sign in.
    func seconds(of profile: TokenProfile, from moment: Instant) -> [Int64] {
        guard profile.jti == nil else { return [moment.seconds] }
        let farthest = min(max(profile.lifetime.components.seconds / 2, 2), 30)
        let seconds = (0..<farthest).map { moment.seconds - $0 }
        let isRenewal = request.operation == .refresh || request.operation == .reissue
        return isRenewal ? seconds.filter { $0 % 10 != 5 } : seconds
    }

    /// Writes claims; `expiresAt` fixes an end that would else follow from the profile's lifetime.
    func draft(_ profile: TokenProfile, for account: Account, jti: String, at issuedAt: Int64, expiresAt: Int64? = nil) -> TokenDraft {
        TokenDraft(
            profile,
            TokenFacts(
                account: shown(account), issuedAt: issuedAt, expiresAt: expiresAt ?? issuedAt + profile.lifetime.components.seconds,
                jti: jti, issuer: frontend.issuer, path: request.path))
    }

    func sign(_ tokens: DraftedTokens) async throws -> IssuedTokens {
        let access = try await sign(tokens.access)
        var refresh: String?
        if let draft = tokens.refresh { refresh = try await sign(draft) }
        return IssuedTokens(access: access, refresh: refresh, expiresIn: tokens.access.expiresAt - tokens.access.issuedAt)
    }

    private func sign(_ draft: TokenDraft) async throws -> String {
        let key = frontend.keys().current
        return try await environment.signing.run(key) {
            try JWS.sign(headerJSON: draft.header, payloadJSON: draft.payload, key: key)
        }
    }

    /// Bytes that only this key of the frontend's can make of these, so that the same question has the same answer without anything being kept.
    func derive(_ label: String, from digest: Digest, by key: SigningKey) async throws -> [UInt8] {
        let signature = try await environment.signing.run(key) {
            // No signing input of a token begins so: base64url has no colon.
            try key.signature(over: Array("dragoman:\(label):".utf8) + digest.bytes)
        }
        return Digest.sha256(signature).bytes
    }

    /// The session of the caller's token.
    ///
    /// A token that was not issued here gets one, so it can live on where others end, or be renewed.
    func adoptSession(_ id: SessionID, in store: any StoreWriting) throws -> SessionID? {
        guard var token = principal?.token else { return nil }
        if let session = token.session { return session }
        if let known = try store.token(digest: token.digest) {
            guard let session = known.session, known.endedAt == nil else { throw Failure(.revokedCredential) }
            return session
        }
        try store.insert(Session(id: id, realm: realm, account: token.account, createdAt: now, expiresAt: token.expiresAt))
        token.session = id
        guard try store.insert(token) else { throw Failure(.revokedCredential) }
        return id
    }
}

extension Policy.Renewal {
    var usesRefreshTokens: Bool {
        switch self {
        case .staticToken, .rotating: true
        case .none, .reissue: false
        }
    }
}
