import Identity

/// How long what was decided about a request may be decided again, without asking, of a request of the very same bytes.
package struct Reuse: Sendable {
    /// Whose it is; nil when it depends on nobody.
    var account: AccountID?
    /// The count of changes before anything was read.
    var mark: UInt64
    var changes: ChangeMark
    /// When it was decided: a clock that shows less has been set back since, and what was made of it may lie ahead.
    var since: Instant
    /// When the credential ends, or what was made of it.
    var until: Instant

    func holds(at now: Instant) -> Bool {
        since <= now && now < until && (account.map { changes.stands($0, since: mark) } ?? true)
    }
}
