/// A guess at a password that has been counted and not yet judged.
struct Guess: Sendable {
    fileprivate var buckets: GuessBuckets
    /// The counters' windows in which it was counted.
    fileprivate var startedAt: Instant
    fileprivate var streakStartedAt: Instant
    /// Whether it locks when it is wrong.
    fileprivate var isLast: Bool
    /// Whether it has locked already, so that none comes beside it.
    fileprivate var hasLocked: Bool
}

/// Where the guesses at one name are counted.
struct GuessBuckets: Sendable {
    /// Those of a window.
    var guesses: String
    /// Those since the right password was last given.
    var streak: String
    var lock: String

    init(realm: String, key: String) {
        guesses = "guesses/\(realm)/\(key)"
        streak = "streak/\(realm)/\(key)"
        lock = "lock/\(realm)/\(key)"
    }

    func clear(in store: any StoreWriting) throws {
        for bucket in [guesses, streak, lock] { try store.clear(bucket) }
    }
}

/// Guesses are counted before they are judged, so many at once are as many. The buckets are the account's, whichever of its names was typed
/// in whatever spelling, also in one by which nobody can sign in; a name that nobody has, has some too. The guess that fills a window starts
/// a lock of the same length; from the hundredth wrong guess of a week on each one locks, the first for an hour, the others for a day (63B
/// section 3.2.2). A clock that is set back takes no guess away, and a lock ends at the latest after its length from then on.
extension Call {
    private static let longestStreak = 100
    private static let streakWindow: Duration = .seconds(7 * 86_400)

    /// Counts a guess and compares; `account` is nil for a name by which nobody can sign in.
    ///
    /// `holder` is whose name it is, however it was spelled. Throws `locked` when there have been too many. What could not be compared, as too
    /// many wait already, was no guess.
    func guess(
        _ password: PasswordText, of account: Account?, holder: AccountID?, name: String
    ) async throws -> (Guess, PasswordMatch) {
        let guess = try await beginGuess(holder: account?.id ?? holder, name: name)
        do {
            return (guess, try await verify(password, of: account))
        } catch let full as HashQueueFull {
            try await store.write { try takeBack(guess, in: $0) }
            throw full
        }
    }

    private func beginGuess(holder: AccountID?, name: String) async throws -> Guess {
        let key = holder.map(\.description) ?? "?" + Hex.text(Digest.sha256(IdentifierKey(name.trimmingSpaces()).text).bytes)
        let buckets = GuessBuckets(realm: realm, key: key)
        let limits = policy.guesses
        let now = now
        try await settleWindows([buckets.lock, buckets.guesses, addressBucket])
        return try await store.write { store in
            if let held = try store.counter(buckets.lock), held.endsAt > now { throw Failure(.locked, retryAfter: held.endsAt - now) }
            try refuseLockedAddress(in: store)
            let counter = try store.count(buckets.guesses, window: limits.window, at: now)
            guard counter.count <= limits.failures else { throw Failure(.locked, retryAfter: counter.endsAt - now) }
            let streak = try store.count(buckets.streak, window: Self.streakWindow, at: now)
            let hasLocked = streak.count >= Self.longestStreak
            if hasLocked {
                _ = try store.count(buckets.lock, window: .seconds(streak.count == Self.longestStreak ? 3600 : 86_400), at: now)
            }
            return Guess(
                buckets: buckets, startedAt: counter.startedAt, streakStartedAt: streak.startedAt,
                isLast: counter.count == limits.failures, hasLocked: hasLocked)
        }
    }

    func failed(_ guess: Guess, in store: any StoreWriting) throws {
        try countAddress(in: store)
        guard guess.isLast, !guess.hasLocked else { return }
        _ = try store.count(guess.buckets.lock, window: policy.guesses.window, at: now)
        try store.clear(guess.buckets.guesses)
    }

    func succeeded(_ guess: Guess, in store: any StoreWriting) throws { try guess.buckets.clear(in: store) }

    private func takeBack(_ guess: Guess, in store: any StoreWriting) throws {
        try store.uncount(guess.buckets.guesses, since: guess.startedAt)
        try store.uncount(guess.buckets.streak, since: guess.streakStartedAt)
        if guess.hasLocked { try store.clear(guess.buckets.lock) }
    }

    /// Forgets wrong guesses after the owner has proved to own the mailbox.
    func forgiveGuesses(_ account: AccountID, in store: any StoreWriting) throws {
        try GuessBuckets(realm: realm, key: account.description).clear(in: store)
    }

    func refuseLockedAddress(in store: any StoreReading) throws {
        guard let bucket = addressBucket, let counter = try store.counter(bucket) else { return }
        guard counter.endsAt > now, counter.count >= policy.guesses.failuresPerAddress else { return }
        throw Failure(.locked, retryAfter: counter.endsAt - now)
    }

    /// Lets windows that began after now begin now, with their counts: where the clock was set back, none lasts longer than twice its time.
    ///
    /// Before the transaction that judges by them, as a refusal undoes what its own has written.
    func settleWindows(_ buckets: [String?]) async throws {
        let buckets = buckets.compactMap(\.self)
        let now = now
        let isAhead = { @Sendable (bucket: String, store: any StoreReading) in
            try store.counter(bucket).flatMap { $0.startedAt > now ? $0 : nil }
        }
        guard try await store.read({ store in try buckets.contains { try isAhead($0, store) != nil } }) else { return }
        try await store.write { store in
            for bucket in buckets {
                guard let counter = try isAhead(bucket, store) else { continue }
                _ = try store.count(bucket, window: counter.endsAt - counter.startedAt, at: now)
                try store.uncount(bucket, since: now)
            }
        }
    }

    func settleAddress() async throws { try await settleWindows([addressBucket]) }

    func countAddress(in store: any StoreWriting) throws {
        guard let addressBucket else { return }
        _ = try store.count(addressBucket, window: policy.guesses.window, at: now)
    }

    private var addressBucket: String? {
        request.network.isEmpty ? nil : "address/\(realm)/\(request.network)"
    }
}
