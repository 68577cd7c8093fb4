import Synchronization

/// How many bytes of bodies all connections together may hold in memory: what nobody has been authenticated for must not fill it.
final class BodyBudget: Sendable {
    private let limit: Int
    private let held = Atomic<Int>(0)

    init(limit: Int) { self.limit = limit }

    fileprivate func take(_ count: Int) -> Bool {
        guard held.wrappingAdd(count, ordering: .relaxed).newValue > limit else { return true }
        held.wrappingSubtract(count, ordering: .relaxed)
        return false
    }

    fileprivate func give(_ count: Int) { held.wrappingSubtract(count, ordering: .relaxed) }

    /// What one request holds of it, given back when the request is forgotten.
    final class Share {
        private let budget: BodyBudget
        private var count = 0

        init(_ budget: BodyBudget) { self.budget = budget }

        /// False when there is no room.
        func grow(by more: Int) -> Bool {
            guard budget.take(more) else { return false }
            count += more
            return true
        }

        deinit { budget.give(count) }
    }
}

@available(*, unavailable)
extension BodyBudget.Share: Sendable {}
