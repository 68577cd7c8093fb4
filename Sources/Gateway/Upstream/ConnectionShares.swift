/// Who holds how many of the connections that one event loop may have to an upstream: nobody all of them.
///
/// A caller has half at most, and so have all requests together whose body is still to come; of these one caller has half again. So no one
/// address takes the upstream from the others by sending or reading slowly, and bodies that dribble take it from no request without one.
struct ConnectionShares {
    /// A request's part, from the moment at which it wants a connection until it wants none any more.
    enum Part {
        case none
        /// Its body is still to come.
        case sending
        case waiting
    }

    private struct Tally {
        var total = 0
        var byCaller: [String: Int] = [:]

        mutating func add(_ step: Int, _ caller: String) {
            total += step
            guard !caller.isEmpty else { return }
            let count = byCaller[caller, default: 0] + step
            byCaller[caller] = count > 0 ? count : nil
        }
    }

    private let half: Int
    private var all = Tally()
    private var sending = Tally()

    init(connections: Int) { half = (connections + 1) / 2 }

    var isEmpty: Bool { all.total == 0 }

    /// Whether the caller may have one more; who has no name, such as this machine itself, speaks for many.
    mutating func take(_ part: Part, _ caller: String) -> Bool {
        guard all.byCaller[caller, default: 0] < half else { return false }
        if part == .sending {
            guard sending.total < half, sending.byCaller[caller, default: 0] < (half + 1) / 2 else { return false }
            sending.add(1, caller)
        }
        all.add(1, caller)
        return true
    }

    mutating func bodyCame(_ caller: String) { sending.add(-1, caller) }

    mutating func giveBack(_ part: Part, _ caller: String) {
        if part == .sending { sending.add(-1, caller) }
        all.add(-1, caller)
    }
}
