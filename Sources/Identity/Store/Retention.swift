/// How long `prune` leaves rows that are over, so that late callers still get the exact answer (expired rather than unknown).
package enum Retention {
    /// Tokens and sessions after their `expiresAt`: more than any leeway in the reading of a token's times.
    package static let tokens: Duration = .seconds(86_400)
    /// Mailed codes and links after their `expiresAt`.
    package static let secrets: Duration = .seconds(7 * 86_400)
    /// What instances tell each other: who has not read it by then begins anew.
    package static let changes: Duration = .seconds(600)
    /// What instances counted together, after its window: a clock that is behind still counts in it.
    package static let requestCounts: Duration = .seconds(60)
    /// Mails after they were sent.
    package static let sentMails: Duration = .seconds(7 * 86_400)
    /// Mails after they were given up.
    package static let failedMails: Duration = .seconds(30 * 86_400)
}
