/// A guess at a password that has been counted and not yet judged.
struct Guess: Sendable {
    fileprivate var bucket: String
    fileprivate var lock: String
    fileprivate var address: String?
    /// Whether it locks when it is wrong.
    fileprivate var isLast: Bool
}

/// Guesses are counted before they are judged, so many at once are as many. The bucket is the account's, whichever of its names was typed in
/// whatever spelling; a name that nobody has, has one too. The guess that fills a bucket starts a lock of the same length.
extension Call {
    func beginGuess(account: AccountID?, name: String) async throws -> Guess {
        let key = account.map(\.description) ?? "?" + Hex.text(Digest.sha256(Self.folded(name)).bytes)
        let bucket = "guesses/\(realm)/\(key)"
        let lock = "lock/\(realm)/\(key)"
        let limits = policy.guesses
        let (now, address) = (now, addressBucket)
        return try await store.write { store in
            if let held = try store.counter(lock), held.endsAt > now { throw Failure(.locked, retryAfter: held.endsAt - now) }
            try refuseLockedAddress(in: store)
            let counter = try store.count(bucket, window: limits.window, at: now)
            guard counter.count <= limits.failures else { throw Failure(.locked, retryAfter: counter.endsAt - now) }
            return Guess(bucket: bucket, lock: lock, address: address, isLast: counter.count == limits.failures)
        }
    }

    func failed(_ guess: Guess, in store: any StoreWriting) throws {
        try countAddress(in: store)
        guard guess.isLast else { return }
        _ = try store.count(guess.lock, window: policy.guesses.window, at: now)
        try store.clear(guess.bucket)
    }

    func succeeded(_ guess: Guess, in store: any StoreWriting) throws {
        try store.clear(guess.bucket)
        try store.clear(guess.lock)
    }

    /// Forgets wrong guesses after the owner has proved to own the mailbox.
    func forgiveGuesses(_ account: AccountID, in store: any StoreWriting) throws {
        try store.clear("guesses/\(realm)/\(account)")
        try store.clear("lock/\(realm)/\(account)")
    }

    func refuseLockedAddress(in store: any StoreReading) throws {
        guard let bucket = addressBucket, let counter = try store.counter(bucket) else { return }
        guard counter.endsAt > now, counter.count >= policy.guesses.failuresPerAddress else { return }
        throw Failure(.locked, retryAfter: counter.endsAt - now)
    }

    func countAddress(in store: any StoreWriting) throws {
        guard let addressBucket else { return }
        _ = try store.count(addressBucket, window: policy.guesses.window, at: now)
    }

    private var addressBucket: String? {
        request.address.isEmpty ? nil : "address/\(realm)/\(request.address)"
    }

    /// Unknown names share a bucket however they are spelled.
    private static func folded(_ name: String) -> String {
        let bytes = Array(name.utf8)
        let isSpace = { (byte: UInt8) in byte <= 0x20 }
        let trimmed = bytes.drop(while: isSpace).reversed().drop(while: isSpace).reversed()
        return String(decoding: trimmed, as: UTF8.self).loweringASCII()
    }
}
