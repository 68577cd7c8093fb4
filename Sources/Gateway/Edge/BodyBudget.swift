import Identity
import Synchronization

/// How many bytes of bodies all connections together may hold in memory: what nobody has been authenticated for must not fill it, and no one
/// caller may take it from the others.
final class BodyBudget: Sendable {
    private let shares: Mutex<FairShares>

    init(limit: Int) { shares = Mutex(FairShares(limit: limit)) }

    /// What one request holds of it, given back when the request is forgotten.
    final class Share {
        private let budget: BodyBudget
        private let caller: String
        private var count = 0

        /// `caller`: whose it is, empty where somebody speaks for many.
        init(_ budget: BodyBudget, of caller: String) {
            self.budget = budget
            self.caller = caller
        }

        /// False when there is no room.
        func grow(by more: Int) -> Bool {
            guard budget.shares.withLock({ $0.take(more, for: caller) }) else { return false }
            count += more
            return true
        }

        deinit { budget.shares.withLock { $0.give(count, from: caller) } }
    }
}

@available(*, unavailable)
extension BodyBudget.Share: Sendable {}
