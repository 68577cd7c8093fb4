/// Gives a new access token for a refresh token.
///
/// A rotating token is used once. Within the grace it is answered again with the very tokens of its first use: their random parts are derived
/// from it under the frontend's key, so nothing of them is kept. After the grace its session ends, as one of two holders is a thief (RFC 9700
/// section 4.14.2). Its profile has a `jti`: else the token that follows in the same second would be the used one again.
///
/// The first use may lie ahead: it was on an instance whose clock is up to a minute ahead of this one's, or the clock was set back. Up to the
/// grace that is as good as behind, since requests that run at once have their moments in any order. Farther ahead, and up to that minute,
/// how long ago it was cannot be told, so the pair is given again until its refresh token has been used: an honest client that lost the
/// answer has not gone on with it. Beyond the minute no instance's clock explains it, and it is reuse.
package struct Refresh {
    package static let signature = OperationSignature(
        .refresh, need: .none, slots: [.refreshToken],
        outcomes: [.refreshed: [.account, .token]],
        failures: [
            .unauthenticated, .noCredential, .badCredential, .wrongSegments, .badEncoding, .unknownAlgorithm, .wrongAlgorithm,
            .badSignature, .missingClaim, .wrongType, .foreign, .expiredCredential, .revokedCredential, .accountGone, .accountSuspended,
        ])

    private enum Verdict: Sendable {
        case refreshed(Account, DraftedTokens)
        case reused(AccountID)
        case refused
    }

    @Sendable static func run(_ call: Call) async throws -> Ending {
        guard let typed = call.text(.refreshToken) else { throw Failure(.noCredential) }
        guard let profile = call.frontend.refresh else { throw Failure(.badCredential) }
        let judge = TokenJudge(frontend: call.frontend, now: call.now)
        let shown = try judge.read(typed, as: profile)
        let verdict: Verdict =
            switch call.policy.renewal {
            case .staticToken: try await renew(shown, judge, call)
            case .rotating(let grace): try await rotate(shown, judge, profile, grace: grace, call)
            case .none, .reissue: throw Failure(.badCredential)
            }
        switch verdict {
        case .refreshed(let account, let tokens):
            return (.refreshed, call.facts(account, token: try await call.sign(tokens)))
        case .reused(let account):
            call.report(.refreshTokenReused(account))
            throw Failure(.revokedCredential)
        case .refused:
            throw Failure(.revokedCredential)
        }
    }

    private static func renew(_ shown: ShownToken, _ judge: TokenJudge, _ call: Call) async throws -> Verdict {
        let plan = call.planTokens()
        return try await call.store.write { store in
            let (record, account) = try judge.standing(shown, in: store)
            guard let session = record.session else { return .refused }
            let access = try call.issue(call.frontend.access, to: account, session: session, jti: plan.accessJTI, in: store)
            return .refreshed(account, DraftedTokens(access: access))
        }
    }

    private static func rotate(
        _ shown: ShownToken, _ judge: TokenJudge, _ profile: TokenProfile, grace: Duration, _ call: Call
    ) async throws -> Verdict {
        // The first use may have been under another key of the ring, where one has just taken the place of another.
        for key in call.frontend.keys().signers {
            let verdict = try await rotate(shown, judge, profile, grace: grace, call, by: key)
            guard case .refused = verdict else { return verdict }
        }
        return .refused
    }

    private static func rotate(
        _ shown: ShownToken, _ judge: TokenJudge, _ profile: TokenProfile, grace: Duration, _ call: Call, by key: SigningKey
    ) async throws -> Verdict {
        let accessJTI = try await derivedJTI(call.frontend.access, "access", shown.digest, call, by: key)
        let refreshJTI = try await derivedJTI(profile, "refresh", shown.digest, call, by: key)
        return try await call.store.write { store in
            let (record, account) = try judge.standing(shown, in: store)
            guard let session = record.session else { return .refused }
            if try store.useToken(record.digest, at: call.now) {
                // The end of the first token is the end of all: rotation does not prolong a sign-in.
                let refresh = try call.issue(
                    profile, to: account, session: session, jti: refreshJTI, expiresAt: record.expiresAt.seconds, in: store)
                let access = try call.issue(call.frontend.access, to: account, session: session, jti: accessJTI, in: store)
                return .refreshed(account, DraftedTokens(access: access, refresh: refresh))
            }
            guard let usedAt = record.usedAt else { return .refused }
            let reused = {
                _ = try store.endSession(session, at: call.now)
                return Verdict.reused(account.id)
            }
            let elapsed = call.now - usedAt
            // Without any grace the second use is one too many, also when it was asked for a moment before the first.
            guard grace > .zero, elapsed <= grace, !usedAt.isBeyondSkew(at: call.now) else { return try reused() }
            let refresh = call.draft(profile, for: account, jti: refreshJTI, at: usedAt.seconds, expiresAt: record.expiresAt.seconds)
            guard let next = try store.token(digest: refresh.digest), next.session == session,
                let access = try firstAccess(of: session, for: account, jti: accessJTI, usedAt: usedAt, call, in: store)
            else { return .refused }
            if elapsed < .zero - grace, next.usedAt != nil { return try reused() }
            return .refreshed(account, DraftedTokens(access: access, refresh: refresh))
        }
    }

    /// The access token that the first use gave; its times may have been moved back.
    private static func firstAccess(
        of session: SessionID, for account: Account, jti: String, usedAt: Instant, _ call: Call, in store: any StoreReading
    ) throws -> TokenDraft? {
        for second in call.seconds(of: call.frontend.access, from: usedAt) {
            let draft = call.draft(call.frontend.access, for: account, jti: jti, at: second)
            if try store.token(digest: draft.digest)?.session == session { return draft }
        }
        return nil
    }

    private static func derivedJTI(
        _ profile: TokenProfile, _ label: String, _ digest: Digest, _ call: Call, by key: SigningKey
    ) async throws -> String {
        guard let form = profile.jti else { return "" }
        let seed = try await call.derive("rotation-\(label)", from: digest, by: key)
        return Draw.stream(seed: seed).jti(form)
    }
}
