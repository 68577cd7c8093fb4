/// Someone who can sign in; lives in one realm.
package struct Account: Sendable, Hashable {
    package enum Status: String, Sendable, Hashable, CaseIterable {
        case active
        /// By an operator: every sign-in and token is refused.
        case suspended
        /// By its owner or an operator, where the policy keeps identifiers: cannot sign in, and nobody else can have its names.
        case deleted
    }

    package var id: AccountID
    package var realm: String
    /// Counted from 1 within the realm, never used again.
    package var serial: Int64
    /// As typed (or folded, where the policy folds); mails go here.
    package var email: String
    /// A new address that waits for its confirmation; shown, but reserves nothing.
    package var pendingEmail: String?
    package var username: String?
    package var phone: String?
    /// The stored form of the password scheme; nil: no password, no sign-in until a reset.
    package var passwordHash: String?
    package var role: String
    package var status: Status
    package var plan: String
    package var usageCount: Int64
    package var usageLimit: Int64
    package var attributes: [String: Value]
    package var confirmedAt: Instant?
    package var signInCount: Int64
    package var firstSignInAt: Instant?
    package var lastSignInAt: Instant?
    /// Tokens that this gateway did not issue count only when issued after this moment.
    package var sessionsEndedAt: Instant?
    package var createdAt: Instant
    /// Moves with changes of the account, not with sign-ins.
    package var updatedAt: Instant
    /// Counts the writes of the row; a write names the one that it read.
    package var version: Int64

    package init(id: AccountID, realm: String, serial: Int64 = 0, email: String, role: String, createdAt: Instant) {
        self.id = id
        self.realm = realm
        self.serial = serial
        self.email = email
        self.role = role
        self.status = .active
        self.plan = ""
        self.usageCount = 0
        self.usageLimit = 0
        self.attributes = [:]
        self.signInCount = 0
        self.createdAt = createdAt
        self.updatedAt = createdAt
        self.version = 0
    }

    /// Ends what was issued so far, and returns the moment that is kept of it.
    ///
    /// It always moves forward, though the clock may have been set back: nothing that was ended comes back, and who has read the account
    /// before sees that it is another moment.
    @discardableResult
    mutating func endSessions(at now: Instant) -> Instant {
        let moment = sessionsEndedAt.map { max(now, $0 + .microseconds(1)) } ?? now
        sessionsEndedAt = moment
        return moment
    }

    /// The address that the owner sees.
    package var shownEmail: String { pendingEmail ?? email }
}
