/// A SHA-256 digest, 32 bytes: the only form in which tokens, codes, links and keys are kept.
package struct Digest: Sendable, Hashable {
    package let bytes: [UInt8]
    package init(bytes: [UInt8]) { self.bytes = bytes }
}

/// 16 random bytes.
package struct SessionID: Sendable, Hashable {
    package let bytes: [UInt8]
    package init(bytes: [UInt8]) { self.bytes = bytes }
}

/// One sign-in and all tokens made from it.
package struct Session: Sendable, Hashable {
    package var id: SessionID
    package var realm: String
    package var account: AccountID
    package var createdAt: Instant
    /// When the last of its tokens is over; pruned after.
    package var expiresAt: Instant
    package var endedAt: Instant?

    package init(id: SessionID, realm: String, account: AccountID, createdAt: Instant, expiresAt: Instant, endedAt: Instant? = nil) {
        self.id = id
        self.realm = realm
        self.account = account
        self.createdAt = createdAt
        self.expiresAt = expiresAt
        self.endedAt = endedAt
    }
}

package enum TokenPurpose: String, Sendable, Hashable, CaseIterable { case access, refresh }

/// A token that was issued here, or one of the old backend's that was ended here.
package struct TokenRecord: Sendable, Hashable {
    /// Of the token's signing input.
    package var digest: Digest
    package var purpose: TokenPurpose
    /// Nil for a token that was not issued here.
    package var session: SessionID?
    package var account: AccountID
    package var issuedAt: Instant
    /// The last moment at which the token is good for anything, a window for reissue included: pruned after, and then unknown.
    package var expiresAt: Instant
    /// Whether no other token of the account and purpose may have the same second of issue.
    package var distinct: Bool
    /// When a rotating refresh token was used.
    package var usedAt: Instant?
    package var endedAt: Instant?

    package init(
        digest: Digest, purpose: TokenPurpose, session: SessionID?, account: AccountID, issuedAt: Instant, expiresAt: Instant,
        distinct: Bool = false, usedAt: Instant? = nil, endedAt: Instant? = nil
    ) {
        self.digest = digest
        self.purpose = purpose
        self.session = session
        self.account = account
        self.issuedAt = issuedAt
        self.expiresAt = expiresAt
        self.distinct = distinct
        self.usedAt = usedAt
        self.endedAt = endedAt
    }
}

package struct APIKeyRecord: Sendable, Hashable {
    package var digest: Digest
    package var realm: String
    package var account: AccountID
    package var createdAt: Instant

    package init(digest: Digest, realm: String, account: AccountID, createdAt: Instant) {
        self.digest = digest
        self.realm = realm
        self.account = account
        self.createdAt = createdAt
    }
}

package enum SecretPurpose: String, Sendable, Hashable, CaseIterable { case confirm, loginCode = "login-code", reset }

/// 16 random bytes.
package struct SecretID: Sendable, Hashable {
    package let bytes: [UInt8]
    package init(bytes: [UInt8]) { self.bytes = bytes }
}

/// A mailed code or link, bound to its purpose and to the address that it was mailed to.
package struct Secret: Sendable, Hashable {
    package var id: SecretID
    package var realm: String
    package var account: AccountID
    package var purpose: SecretPurpose
    /// Of the link's token; of a code keyed with the secret's id, as a code alone could be guessed from its digest.
    package var digest: Digest
    package var address: String
    package var createdAt: Instant
    package var expiresAt: Instant
    package var tries: Int
    package var usedAt: Instant?
    /// Set once it is void: to the creation of the secret that replaced it, else to its own.
    package var voidedAt: Instant?

    package init(
        id: SecretID, realm: String, account: AccountID, purpose: SecretPurpose, digest: Digest, address: String, createdAt: Instant,
        expiresAt: Instant
    ) {
        self.id = id
        self.realm = realm
        self.account = account
        self.purpose = purpose
        self.digest = digest
        self.address = address
        self.createdAt = createdAt
        self.expiresAt = expiresAt
        self.tries = 0
    }
}

extension Secret {
    /// Whether it is too late for it, or it claims to be of a time that is still to come: then a wrong clock decided its end.
    func isOver(at now: Instant) -> Bool { expiresAt <= now || createdAt.isBeyondSkew(at: now) }

    /// How long it is until another may be mailed; nil: no longer.
    func wait(_ gap: Duration, at now: Instant) -> Duration? {
        createdAt + gap > now && !createdAt.isBeyondSkew(at: now) ? createdAt + gap - now : nil
    }
}

/// How often something happened within a window that began with the first time.
package struct Counter: Sendable, Hashable {
    package var count: Int
    package var startedAt: Instant
    package var endsAt: Instant

    package init(count: Int, startedAt: Instant, endsAt: Instant) {
        self.count = count
        self.startedAt = startedAt
        self.endsAt = endsAt
    }
}

/// A mail that is owed; written in the transaction of its cause.
package struct OutboxEntry: Sendable, Hashable {
    package enum State: String, Sendable, Hashable, CaseIterable { case waiting, sent, failed }

    /// 32 lower-case hex digits; also the mail's Message-ID.
    package var id: String
    package var realm: String
    package var notice: NoticeKind
    package var recipient: String
    /// The message as its transport wants it; empty once sent or given up.
    package var payload: [UInt8]
    package var createdAt: Instant
    /// After this it is not worth sending: what it carries has expired.
    package var expiresAt: Instant?
    /// When it is due; of a sent or failed mail, when it became so.
    package var notBefore: Instant
    package var attempts: Int
    package var state: State
    /// Why the last attempt failed.
    package var reason: String?

    package init(
        id: String, realm: String, notice: NoticeKind, recipient: String, payload: [UInt8], createdAt: Instant, expiresAt: Instant? = nil
    ) {
        self.id = id
        self.realm = realm
        self.notice = notice
        self.recipient = recipient
        self.payload = payload
        self.createdAt = createdAt
        self.expiresAt = expiresAt
        self.notBefore = createdAt
        self.attempts = 0
        self.state = .waiting
    }
}
