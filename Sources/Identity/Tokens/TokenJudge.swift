import Crypto

/// A token that one of the frontend's keys has signed and whose claims hold; whether it still counts is the store's to say.
package struct ShownToken: Sendable {
    let digest: Digest
    let subject: AccountReference
    let times: ClaimRules.Times
    let purpose: TokenPurpose
    /// Of the profile by which it was read; nothing more is required of it.
    fileprivate let rules: ClaimRules

    var expiresAt: Instant { times.expiresAt }
}

/// Judges tokens in one order: shape, algorithm, signature, expiry, type, ended, account.
struct TokenJudge: Sendable {
    /// How far the clock of another instance may be ahead, whatever a dialect grants to strangers.
    ///
    /// It is known who issued a token that has a record, and RFC 7519 sections 4.1.5 and 4.1.6 leave room for skew. There is an end to it, or
    /// what a clock far ahead has issued would live too long.
    private static let skew: Duration = .clockSkew

    let now: Instant
    // Of a frontend no more than it takes: one is made for each token.
    private let keys: @Sendable () -> KeyRing
    private let realm: String
    private let takesForeignTokens: Bool
    private let renewal: Policy.Renewal

    init(frontend: Frontend, now: Instant) {
        self.now = now
        keys = frontend.keys
        realm = frontend.realm
        takesForeignTokens = frontend.takesForeignTokens
        renewal = frontend.policy.renewal
    }

    /// Reads a token as one of this profile.
    ///
    /// `renewableFor`: an expired one passes until that long after its issue.
    func read(
        _ token: String, as profile: TokenProfile, renewableFor: Duration? = nil, hash: SHA256Digest? = nil
    ) throws -> ShownToken {
        let verified: VerifiedToken
        do {
            verified = try JWS.verify(token, keys: keys(), hash: hash)
        } catch {
            throw Failure(error.kind)
        }
        let claims = verified.claims
        let times = try times(of: claims, profile, renewableFor: renewableFor)
        try requirements(of: claims, profile)
        guard let subject = claims[profile.subject], !subject.isNull else { throw Failure(.missingClaim) }
        guard let reference = profile.subjectCodec.decode(subject) else {
            // A text of another form may have been an id of the old backend's: nobody here has it.
            throw Failure(subject.string?.isEmpty == false ? .accountGone : .missingClaim)
        }
        return ShownToken(
            digest: verified.signingInputDigest, subject: reference, times: times, purpose: profile.purpose,
            rules: ClaimRules(leeway: profile.leeway, maximumLifetime: profile.lifetime))
    }

    private func requirements(of claims: Value, _ profile: TokenProfile) throws {
        for (name, constant) in profile.constants {
            let value = claims[name]
            guard value != nil || profile.required.contains(where: { $0.name == name }) else { continue }
            guard value == constant else { throw Failure(.wrongType) }
        }
        do {
            try ClaimRules(leeway: profile.leeway, maximumLifetime: profile.lifetime, required: profile.required).checkRequired(claims)
        } catch .missing(_) {
            throw Failure(.missingClaim)
        } catch {
            throw Failure(.badCredential)
        }
    }

    private func times(of claims: Value, _ profile: TokenProfile, renewableFor: Duration?) throws -> ClaimRules.Times {
        let times: ClaimRules.Times
        do {
            times = try ClaimRules(leeway: Self.skew, maximumLifetime: profile.lifetime).times(claims, now: now)
        } catch {
            // Of times only `exp` can be missing, and a token without an end is none of ours.
            throw Failure(.badCredential)
        }
        if times.expiresAt > now { return times }
        guard let renewableFor, let issuedAt = times.issuedAt, issuedAt + renewableFor > now else { throw Failure(.expiredCredential) }
        return times
    }

    /// Whose token it is, if it has not been ended and its account may use it.
    ///
    /// A token that is unknown here, but signed by our key, is of another backend and counts as a session of its own; of a key that no other
    /// backend ever had, it has been forgotten.
    func standing(_ token: ShownToken, in store: any StoreReading) throws -> (TokenRecord, Account) {
        if let record = try store.token(digest: token.digest) {
            guard record.purpose == token.purpose else { throw Failure(.wrongType) }
            return (record, try owner(of: record, in: store))
        }
        let account = try account(token.subject, in: store)
        return (try foreign(token, of: account), try living(account))
    }

    /// Whether a token may count already, whoever issued it; one that may not can still be of an instance whose clock is ahead.
    func hasBegun(_ token: ShownToken) -> Bool {
        token.rules.hasBegun(token.times, at: now)
    }

    /// The record that a token would have which none here has recorded, if its account may use it.
    func foreign(_ token: ShownToken, of account: Account?) throws -> TokenRecord {
        guard hasBegun(token), !token.rules.isTooFarAhead(token.times, at: now) else { throw Failure(.badCredential) }
        guard token.purpose == .access, takesForeignTokens else { throw Failure(.revokedCredential) }
        let account = try living(account)
        let issuedAt = token.times.issuedAt ?? token.expiresAt - token.rules.maximumLifetime
        // A store that was restored gives serials out again: who was called so before the account was made is somebody else.
        if case .serial = token.subject, issuedAt.seconds < account.createdAt.seconds { throw Failure(.accountGone) }
        if let ended = account.sessionsEndedAt {
            guard let issuedAt = token.times.issuedAt, issuedAt.seconds > ended.seconds else { throw Failure(.revokedCredential) }
        }
        return TokenRecord(
            digest: token.digest, purpose: .access, session: nil, account: account.id,
            issuedAt: issuedAt,
            expiresAt: renewal.end(of: .access, issuedAt: token.times.issuedAt, expiresAt: token.expiresAt))
    }

    /// Whose token a record is of, if neither it nor its session has ended and its account may use it.
    func owner(of record: TokenRecord, in store: any StoreReading) throws -> Account {
        let session = try record.session.flatMap { try store.session(id: $0) }
        if let session, !session.realm.hasSameBytes(as: realm) { throw Failure(.revokedCredential) }
        // Deleting ends sessions too, and an account that is gone is told apart from a session that is over.
        let owner = try present(store.account(id: record.account, realm: realm))
        // A record without a session is only ever kept to remember that it has ended.
        guard record.endedAt == nil, let session else { throw Failure(.revokedCredential) }
        guard session.endedAt == nil else {
            // So does suspending, which is told in words of its own as long as it lasts.
            if session.endedAt == owner.sessionsEndedAt { _ = try living(owner) }
            throw Failure(.revokedCredential)
        }
        return try living(owner)
    }

    private func present(_ account: Account?) throws -> Account {
        guard let account, account.status != .deleted else { throw Failure(.accountGone) }
        return account
    }

    /// The account of a credential, while it may use one.
    func living(_ account: Account?) throws -> Account {
        let account = try present(account)
        guard account.status != .suspended else { throw Failure(.accountSuspended) }
        return account
    }

    private func account(_ reference: AccountReference, in store: any StoreReading) throws -> Account? {
        switch reference {
        case .id(let id): try store.account(id: id, realm: realm)
        case .serial(let serial): try store.account(serial: serial, realm: realm)
        }
    }
}

extension TokenFault {
    fileprivate var kind: FailureKind {
        switch self {
        case .wrongSegments: .wrongSegments
        case .malformed: .badEncoding
        case .algorithmUnknown: .unknownAlgorithm
        case .algorithmMismatch: .wrongAlgorithm
        case .critical: .badCredential
        case .unknownKey, .badSignature: .badSignature
        }
    }
}
