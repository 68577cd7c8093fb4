import Identity

/// The bounds of one piece of work: the wait for a connection, its opening, every statement and every attempt count together.
///
/// They are for a server that may have stopped. Where it has just answered, be it with a conflict, they begin anew: then others are before
/// us, and who waits for them is not refused so soon.
struct PostgresTerms: Sendable {
    private(set) var deadline: ContinuousClock.Instant
    private let arrival = ContinuousClock.now
    /// What a transaction says behind its `BEGIN`, where the limits of the session are too narrow.
    var settings: [String] = []
    /// Whether a long wait means that the server may have stopped.
    var isPressing = true

    /// With a commit's wait and a look at the clock, an answer is on its way before two seconds are over.
    private static let request: Duration = .milliseconds(1600)
    /// How long a server that answers others may let somebody stand in line.
    private static let line: Duration = .seconds(3)
    /// How long a commit is waited for at least, as only its answer tells whether it took place.
    private static let lastWait: Duration = .milliseconds(250)

    init(deadline: ContinuousClock.Instant) { self.deadline = deadline }

    init(_ patience: StorePatience) {
        switch patience {
        case .request: self.init(deadline: .now + Self.request)
        case .work:
            self.init(deadline: .now + .seconds(60))
            settings = ["SELECT set_config('statement_timeout', '55s', true)"]
            isPressing = false
        }
    }

    /// One that changes whole tables, and waits for other instances that do.
    static var migration: PostgresTerms {
        var terms = PostgresTerms(deadline: .now + .seconds(600))
        terms.isPressing = false
        return terms
    }

    /// To be asked where the server has answered.
    mutating func renew() {
        if isPressing { deadline = max(deadline, .now + Self.request) }
    }

    /// Whether whoever stands in line is refused; the server last answered somebody at that moment.
    func isOver(at now: ContinuousClock.Instant, answered: ContinuousClock.Instant?) -> Bool {
        guard deadline <= now else { return false }
        guard isPressing, let answered, now - answered < Self.request / 2 else { return true }
        return now - arrival >= Self.line
    }

    /// Whether what failed may be tried once more.
    var allowAnother: Bool { ContinuousClock.now + .milliseconds(200) < deadline }

    var commitDeadline: ContinuousClock.Instant { max(deadline, .now + Self.lastWait) }
}
