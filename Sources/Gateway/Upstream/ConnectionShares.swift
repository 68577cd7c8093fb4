import Identity

/// Who holds how many of the connections that one event loop may have to an upstream.
///
/// All are shared fairly, and so is the half of them that requests may have whose body is still to come: bodies that dribble take the
/// upstream from no request without one.
struct ConnectionShares {
    /// A request's part, from the moment at which it wants a connection until it wants none any more.
    enum Part {
        /// Its body is still to come.
        case sending
        case waiting
    }

    private var all: FairShares
    private var sending: FairShares

    init(connections: Int) {
        all = FairShares(limit: connections)
        sending = FairShares(limit: (connections + 1) / 2)
    }

    var isEmpty: Bool { all.total == 0 }

    /// Whether the caller may have one more.
    mutating func take(_ part: Part, _ caller: String) -> Bool {
        guard all.hasRoom(for: caller) else { return false }
        if part == .sending {
            guard sending.take(for: caller) else { return false }
        }
        return all.take(for: caller)
    }

    mutating func bodyCame(_ caller: String) { sending.give(from: caller) }

    mutating func giveBack(_ part: Part, _ caller: String) {
        if part == .sending { sending.give(from: caller) }
        all.give(from: caller)
    }
}
