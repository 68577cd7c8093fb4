/// Who holds how much of what there is a limited amount of: nobody more than is still free.
///
/// So one caller comes to half, two come to a third each, and as long as there are fewer callers than things, something is left for whoever
/// comes next (the dynamic thresholds of Choudhury and Hahne, 1998).
package struct FairShares: Sendable {
    private let limit: Int
    package private(set) var total = 0
    private var byCaller: [String: Int] = [:]

    package init(limit: Int) { self.limit = limit }

    /// Whether the caller may have so much more, judged as if it were taken one by one.
    ///
    /// Who has no name, such as this machine itself, speaks for many and may have all that is free.
    package func hasRoom(for caller: String, _ amount: Int = 1) -> Bool {
        let mine = caller.isEmpty ? 0 : byCaller[caller, default: 0] + amount - 1
        return mine < limit - (total + amount - 1)
    }

    /// False when that is more than the caller may have.
    package mutating func take(_ amount: Int = 1, for caller: String) -> Bool {
        guard hasRoom(for: caller, amount) else { return false }
        add(amount, caller)
        return true
    }

    /// Gives back what was taken.
    package mutating func give(_ amount: Int = 1, from caller: String) { add(-amount, caller) }

    private mutating func add(_ step: Int, _ caller: String) {
        total += step
        guard !caller.isEmpty else { return }
        let count = byCaller[caller, default: 0] + step
        byCaller[caller] = count > 0 ? count : nil
    }
}
