/// Decides when the next mail may go, from how the last ones went.
///
/// A server that does not answer twice in a row is taken to be down: mails then stay due, untried, and the server is asked again after a pause that
/// doubles. One mail that breaks the connection each time therefore does not hold up the others. After trouble, and after a start,
/// the backlog goes at the recovery rate.
struct OutboxPace {
    private let policy: OutboxPolicy
    private var silences = 0
    private var isRecovering = true
    private var notBefore = Int64.min

    init(_ policy: OutboxPolicy) {
        self.policy = policy
    }

    /// How long to wait at `now` before the next mail.
    func pause(now: Int64) -> Duration {
        .microseconds(max(0, notBefore == .min ? 0 : notBefore - now))
    }

    /// Nothing was due: whatever was held up is gone.
    mutating func drained() {
        isRecovering = false
    }

    /// The server answered, whatever it said, to a try that began at `start`.
    mutating func answered(start: Int64, wasRetry: Bool) {
        silences = 0
        isRecovering = isRecovering || wasRetry
        notBefore = isRecovering ? start + 1_000_000 / Int64(max(1, policy.recoveryRate)) : .min
    }

    /// The server did not answer; returns how long the mail waits after so many `attempts`.
    mutating func silent(attempts: Int, now: Int64) -> Duration {
        silences += 1
        isRecovering = true
        guard silences > 1 else {
            notBefore = .min
            return policy.delay(attempts: attempts, longest: policy.longestDelay)
        }
        notBefore = now + policy.delay(attempts: silences - 1, longest: policy.longestPause).microseconds
        return policy.delay(attempts: attempts, longest: policy.longestPause)
    }
}
