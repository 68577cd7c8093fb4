/// Everything that a dialect, with its deployment's settings, chooses of the engine's behaviour: named values only.
package struct Policy: Sendable {
    package var identifiers: [IdentifierKind: Folding] = [.email: .folded]
    /// The kinds that an `identifier` slot may hold, in the order in which they are tried.
    package var signInBy: [IdentifierKind] = [.email]
    package var idCodec: AccountIDCodec = .uuid
    package var attributes: [Attribute] = []
    package var roles = Roles()
    package var plans: Plans?
    package var password = PasswordPolicy()
    package var login: Login = .password
    package var confirmation: Confirmation = .none
    /// Whether an unconfirmed account is refused at login.
    package var loginWaitsForConfirmation = false
    /// A login refused as unconfirmed mails a fresh proof, unless one was mailed less than this ago; nil: it never does.
    package var unconfirmedLoginRemailsAfter: Duration?
    package var registration = Registration()
    package var reset = Reset()
    package var existence: Existence = .reveal
    /// The operations that tell an unknown (or already confirmed) account from one they could serve, as long as `existence` reveals.
    package var reveals: Set<Revealing> = []
    package var emailChange: EmailChange = .refused
    package var deletion: Deletion = .keepsIdentifiers
    package var renewal: Renewal = .none
    package var logoutEnds: LogoutEnds = .session
    package var passwordChangeEnds: PasswordChangeEnds = .otherSessions
    package var passwordChangedMail: PasswordChangedMail = .always
    package var guesses = GuessLimits()
    /// Mails of a kind in an hour, per account and per address; more are answered alike and not sent.
    package var mailsPerHour = 5
    /// For `account.newcomer`.
    package var newcomerSpan: Duration = .seconds(86_400)

    package init() {}

    package struct Roles: Sendable, Hashable {
        package var standard = "user"
        package var known: [String] = ["user"]
        /// What a client may choose at registration or update; a role that the account already has always passes.
        package var selfAssignable: [String] = []
        /// Beside those, at registration only.
        package var atRegistration: [String] = []
        /// What a caller of one of `assigners` may give at registration and `account.create`.
        package var assigners: [String] = []
        package init() {}
    }

    package struct Plans: Sendable, Hashable {
        package var standard: String
        package var limits: [String: Int64]
        package var unlimited: [String]
        package init(standard: String, limits: [String: Int64], unlimited: [String] = []) {
            self.standard = standard
            self.limits = limits
            self.unlimited = unlimited
        }
    }

    package struct PasswordPolicy: Sendable, Hashable {
        package enum Blocklist: String, Sendable, Hashable, CaseIterable { case refuse, warn, off }
        package var scheme = PasswordScheme(cost: 12, variant: "2b")
        package var blocklist: Blocklist = .refuse
        package init() {}
    }

    package enum Login: Sendable, Hashable {
        case password
        case passwordThenCode(CodePolicy)
    }

    package enum Confirmation: Sendable, Hashable {
        case none
        case code(CodePolicy)
        case link(LinkPolicy)
    }

    package struct Registration: Sendable, Hashable {
        package var signsIn = false
        package var apiKey = false
        /// A login code is mailed at registration and may be used at `login.code` once.
        package var sendsLoginCode = false
        /// Under `existence: hide`, answer `registration-pending` for free and taken addresses alike instead of a made-up account.
        package var hidesAll = false
        package init() {}
    }

    package struct Reset: Sendable, Hashable {
        package var link = LinkPolicy()
        /// The mail proves the address.
        package var confirms = false
        /// The link is judged before the rules and then alone.
        package var linkFirst = false
        /// Asked again within this gap, `password.forgot` fails with `too-soon`; nil: no gap.
        package var gap: Duration?
        /// The `email` slot must name the link's account.
        package var needsEmail = false
        package init() {}
    }

    package enum Revealing: String, Sendable, Hashable, CaseIterable {
        case loginCode = "login.code"
        case emailResend = "email.resend"
        case passwordForgot = "password.forgot"
    }
    package enum Existence: String, Sendable, Hashable, CaseIterable { case reveal, hide }
    package enum EmailChange: String, Sendable, Hashable, CaseIterable { case refused, immediate, pending }
    package enum Deletion: String, Sendable, Hashable, CaseIterable {
        case keepsIdentifiers = "keeps-identifiers"
        case erases
    }
    package enum LogoutEnds: String, Sendable, Hashable, CaseIterable { case token, session }
    package enum PasswordChangeEnds: String, Sendable, Hashable, CaseIterable {
        case otherSessions = "other-sessions"
        case allSessions = "all-sessions"
        case nothing
    }

    /// After which changes of a password its owner is told by mail.
    package enum PasswordChangedMail: String, Sendable, Hashable, CaseIterable {
        case always
        /// Only after one by a mailed link.
        case reset
    }

    package enum Renewal: Sendable, Hashable {
        case none
        /// One refresh token that lives on.
        case staticToken
        /// Each use gives a new refresh token; the same answer again within the grace, after it the family ends.
        case rotating(grace: Duration)
        /// From the access token itself: while it is valid, or until this long after it was issued.
        case reissue(window: Duration?)

        /// The last moment at which a token is good for anything, be it only for a new one.
        package func end(of purpose: TokenPurpose, issuedAt: Instant?, expiresAt: Instant) -> Instant {
            guard case .reissue(let window?) = self, purpose == .access, let issuedAt else { return expiresAt }
            return max(expiresAt, issuedAt + window)
        }
    }

    package struct GuessLimits: Sendable, Hashable {
        /// Failed logins and wrong current passwords per account name.
        package var failures = 10
        package var window: Duration = .seconds(900)
        /// Failed logins per client address in the window.
        package var failuresPerAddress = 100
        package var codeTriesPerDay = 20
        package init() {}
    }
}

/// A mailed code of digits.
package struct CodePolicy: Sendable, Hashable {
    package var digits = 6
    /// Whether the first digit may be zero.
    package var leadingZero = true
    /// Whole minutes, drawn uniformly for each code; equal bounds fix it.
    package var minutes: ClosedRange<Int> = 10...10
    /// Wrong tries after which the code is void.
    package var tries = 5
    package init() {}
}

/// The token of a mailed link.
package struct LinkPolicy: Sendable, Hashable {
    package enum Alphabet: String, Sendable, Hashable, CaseIterable {
        /// Lower-case hexadecimal.
        case hex
        /// `A-Z a-z 0-9 _ -` without `l I O 0`.
        case url
    }
    package var alphabet: Alphabet = .hex
    /// In characters; at least 110 bits together.
    package var length = 64
    package var lifetime: Duration = .seconds(3600)
    /// A used link is answered again as at its first use for this long, for mail scanners; nil: used is used.
    package var repeats: Duration?
    package init() {}
}
