/// Decides when the next mail may go, from how the last ones went.
///
/// A server that cannot be reached twice in a row is taken to be down: mails then stay due, untried, and the server is asked again after a pause that
/// doubles. What happens to a mail once it is under way never makes a pause. After trouble, and after a start, the backlog goes at the recovery rate.
struct OutboxPace {
    private let policy: OutboxPolicy
    private var silences = 0
    private var isRecovering = true
    private var lastStart = Int64.min
    private var pauseEnd = Int64.min

    init(_ policy: OutboxPolicy) {
        self.policy = policy
    }

    /// How many mails may be under way at once: no more than one asks a server that did not answer.
    var senders: Int {
        silences > 0 ? 1 : max(1, policy.senders)
    }

    /// How long to wait at `now` before the next mail.
    func pause(now: Int64) -> Duration {
        let next = isRecovering && lastStart != .min ? lastStart + 1_000_000 / Int64(max(1, policy.recoveryRate)) : .min
        let end = max(pauseEnd, next)
        return end > now ? .microseconds(end - now) : .zero
    }

    /// Nothing was due: whatever was held up is gone.
    mutating func drained() {
        isRecovering = false
    }

    /// A try begins.
    mutating func started(at start: Int64) {
        lastStart = start
    }

    /// The server was there, whatever it said.
    mutating func answered(wasRetry: Bool) {
        silences = 0
        pauseEnd = .min
        isRecovering = isRecovering || wasRetry
    }

    /// The server could not be reached; returns how long the mail waits after so many `attempts`.
    mutating func silent(attempts: Int, now: Int64) -> Duration {
        silences += 1
        isRecovering = true
        guard silences > 1 else { return policy.delay(attempts: attempts, longest: policy.longestDelay) }
        pauseEnd = now + policy.delay(attempts: silences - 1, longest: policy.longestPause).microseconds
        return policy.delay(attempts: attempts, longest: policy.longestPause)
    }
}
