package import Identity

/// What a feed tells; each comes with the moment of uptime before which nothing is missing.
package enum ChangeNews: Sendable, Equatable {
    /// The standing of these accounts has changed; none is news, too.
    case accounts([AccountID], asOf: Duration)
    /// It begins to hear, and anything may have changed before.
    case everything(asOf: Duration)
    /// It does not hear, and why.
    case silence(StoreError)
}

/// What tells of others' changes until it is stopped.
package protocol ChangeFeed: Sendable {
    /// Returns at once; a word that is under way may still come.
    func stop()
}
