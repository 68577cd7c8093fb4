/// Who holds how many of the connections that one event loop may have to an upstream: nobody more than are still free.
///
/// So one caller has half of them at most, two have a third each, and there is always one left for whoever comes next (the dynamic
/// thresholds of Choudhury and Hahne, 1998). Requests whose body is still to come share half of all connections by the same rule: bodies
/// that dribble take the upstream from no request without one.
struct ConnectionShares {
    /// A request's part, from the moment at which it wants a connection until it wants none any more.
    enum Part {
        /// Its body is still to come.
        case sending
        case waiting
    }

    private struct Tally {
        let limit: Int
        var total = 0
        var byCaller: [String: Int] = [:]

        init(limit: Int) { self.limit = limit }

        /// Who has no name, such as this machine itself, speaks for many and has all that is free.
        func hasRoom(for caller: String) -> Bool { byCaller[caller, default: 0] < limit - total }

        mutating func add(_ step: Int, _ caller: String) {
            total += step
            guard !caller.isEmpty else { return }
            let count = byCaller[caller, default: 0] + step
            byCaller[caller] = count > 0 ? count : nil
        }
    }

    private var all: Tally
    private var sending: Tally

    init(connections: Int) {
        all = Tally(limit: connections)
        sending = Tally(limit: (connections + 1) / 2)
    }

    var isEmpty: Bool { all.total == 0 }

    /// Whether the caller may have one more.
    mutating func take(_ part: Part, _ caller: String) -> Bool {
        guard all.hasRoom(for: caller) else { return false }
        if part == .sending {
            guard sending.hasRoom(for: caller) else { return false }
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
