/// How patient the outbox worker is.
package struct OutboxPolicy: Sendable, Hashable {
    /// How long a mail waits after its first failed try; each further one doubles it; 5 s unless given.
    package var firstDelay: Duration = .seconds(5)
    /// The longest wait between two tries of a mail; 10 min unless given.
    package var longestDelay: Duration = .seconds(600)
    /// The longest wait before a server that does not answer is asked again, by whichever mail is due; 60 s unless given.
    package var longestPause: Duration = .seconds(60)
    /// The age at which a mail is given up; 24 h unless given.
    package var lifetime: Duration = .seconds(86_400)
    /// How many mails a second go to a server that was down, until the backlog is gone; 20 unless given.
    package var recoveryRate: Int = 20
    /// How many mails are under way at once, as far as some are slow; 4 unless given.
    package var senders: Int = 4
    /// How long the next mail waits for the one before, while there is a sender for it; 1 s unless given.
    package var patience: Duration = .seconds(1)
    /// How long a claimed row stays with its worker; more than a transport's longest try; 2 min unless given.
    package var lease: Duration = .seconds(120)
    /// How often an empty outbox is looked at without being woken: rows of other instances, retries; 1 s unless given.
    package var poll: Duration = .seconds(1)

    /// The defaults.
    package init() {}

    /// The wait after `attempts` failed tries (1 or more), at most `longest`.
    func delay(attempts: Int, longest: Duration) -> Duration {
        min(firstDelay * (1 << min(max(attempts - 1, 0), 30)), longest)
    }
}

extension Duration {
    /// Whole microseconds.
    var microseconds: Int64 {
        let (seconds, attoseconds) = components
        return seconds * 1_000_000 + attoseconds / 1_000_000_000_000
    }
}
