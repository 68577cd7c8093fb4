import Synchronization

/// The mails under way and the pace at which more may follow.
///
/// One loop begins mails, and each ends on its own.
final class OutboxTraffic: Sendable {
    private struct State {
        var pace: OutboxPace
        var begun = 0
        /// The rows of the mails under way, by their numbers.
        var underWay: [Int: String] = [:]
        /// Of those, what was done with so many could not be written down yet.
        var unwritten = 0
        /// When the mail begun last began, nil once it has ended.
        var latestStart: Int64?
    }

    private let policy: OutboxPolicy
    private let state: Mutex<State>
    private let ended = WakeSignal()

    init(_ policy: OutboxPolicy) {
        self.policy = policy
        state = Mutex(State(pace: OutboxPace(policy)))
    }

    /// Changes or asks the pace.
    func pace<Result>(_ body: (inout OutboxPace) -> Result) -> Result {
        state.withLock { body(&$0.pace) }
    }

    /// The rows of the mails under way.
    var rows: Set<String> { state.withLock { Set($0.underWay.values) } }

    /// The mail of a row is under way from now on; returns its number.
    func begin(_ row: String, at start: Int64) -> Int {
        state.withLock { state in
            state.begun += 1
            state.underWay[state.begun] = row
            state.latestStart = start
            return state.begun
        }
    }

    /// The mail of this number was sent or put off, and that is written down.
    func end(_ number: Int) {
        state.withLock { state in
            state.underWay[number] = nil
            if number == state.begun { state.latestStart = nil }
        }
        ended.wake()
    }

    /// What was done with a mail cannot be written down: no other may go until it is, or the mail itself might, its lease being over by then.
    func cannotWrite() {
        state.withLock { $0.unwritten += 1 }
    }

    /// It is written after all, or given up.
    func hasWritten() {
        state.withLock { $0.unwritten -= 1 }
        ended.wake()
    }

    /// Ends every wait.
    func stop() {
        ended.stop()
    }

    /// Returns when another mail may go beside those under way.
    ///
    /// Mails leave in order, each when the one before has ended. One that takes longer than the policy's patience is overtaken while there is
    /// a sender for another.
    func room(now: () -> Int64, sleep: @escaping @Sendable (Duration) async throws -> Void) async {
        while !ended.isStopped {
            let (latestStart, hasSender) = state.withLock { ($0.latestStart, $0.underWay.count < $0.pace.senders && $0.unwritten == 0) }
            guard hasSender else {
                await ended.wait { try? await Task.sleep(for: .seconds(3_600)) }
                continue
            }
            guard let latestStart else { return }
            let rest = latestStart + policy.patience.microseconds - now()
            guard rest > 0 else { return }
            await ended.wait { try? await sleep(.microseconds(rest)) }
        }
    }
}
