/// Makes and compares password hashes on threads of their own, never more than a bounded queue of them.
///
/// Every comparison costs what the scheme costs: for an account that does not exist, for a stored hash that is broken, and for a wrong
/// password under an old hash that is cheaper than the scheme. Salts come from the caller, so this holds no randomness.
package final class PasswordHasher: Sendable {
    private let threads: HashingThreads
    /// What has been hashed so far.
    package let meter: HashMeter

    /// Takes the threads to hash on; they may be shared.
    ///
    /// `uptime` tells the time since some moment, for the meter; without it nothing takes any time.
    package init(threads: HashingThreads, uptime: @escaping @Sendable () -> Duration = { .zero }) {
        self.threads = threads
        meter = HashMeter(uptime: uptime)
    }

    /// Starts one thread per core, and lets as many callers wait for them as `waitingLimit` says.
    package convenience init(cores: Int, waitingLimit: Int, uptime: @escaping @Sendable () -> Duration = { .zero }) {
        self.init(threads: HashingThreads(count: cores, waitingLimit: waitingLimit), uptime: uptime)
    }

    /// How many callers wait for a thread now.
    package var waiting: Int { threads.waiting }

    /// How many passwords are being hashed now.
    package var running: Int { threads.running }

    /// Makes the text that a store keeps.
    ///
    /// `salt` is 16 random bytes; `caller` is on whose behalf, empty for this machine itself: callers take turns.
    ///
    /// - Throws: `HashQueueFull` at once when too many wait already.
    package func hash(
        _ password: PasswordText, scheme: PasswordScheme, salt: [UInt8], for caller: String = ""
    ) async throws(HashQueueFull) -> String {
        try await run(scheme, caller) {
            Bcrypt.hash(password, cost: BcryptCost(scheme), prefix: BcryptPrefix(scheme), salt: salt).stored
        }
    }

    /// Compares a password with what a store keeps; `stored` is nil for an account that does not exist.
    ///
    /// - Throws: `HashQueueFull` at once when too many wait already.
    package func verify(
        _ password: PasswordText, against stored: String?, scheme: PasswordScheme, for caller: String = ""
    ) async throws(HashQueueFull) -> PasswordMatch {
        try await run(scheme, caller) { Self.compare(password, stored, scheme) }
    }

    /// Takes no more work, waits until what was queued is done, and joins the threads.
    package func stop() async { await threads.stop() }

    private static func compare(_ password: PasswordText, _ stored: String?, _ scheme: PasswordScheme) -> PasswordMatch {
        let cost = BcryptCost(scheme)
        guard let stored, let hash = BcryptHash(stored: stored) else {
            Bcrypt.decoy(password, cost: cost)
            return PasswordMatch(matches: false, isBroken: stored != nil)
        }
        guard Bcrypt.matches(password, hash) else {
            // 2^c + 2^c + 2^(c+1) + ... + 2^(n-1) = 2^n: a wrong password under a cheaper, imported hash takes as long as any other.
            for missing in hash.cost.exponent..<max(cost.exponent, hash.cost.exponent) {
                if let step = BcryptCost(missing) { Bcrypt.decoy(password, cost: step) }
            }
            return PasswordMatch(matches: false)
        }
        let sawOnlyPart = !hash.isLongPassword && password.bytes.count >= BcryptHash.longPasswordBytes
        return PasswordMatch(matches: true, needsRehash: hash.cost < cost || sawOnlyPart)
    }

    private func run<Answer: Sendable>(
        _ scheme: PasswordScheme, _ caller: String, _ work: @escaping @Sendable () -> Answer
    ) async throws(HashQueueFull) -> Answer {
        let result: Result<Answer, HashQueueFull> = await withCheckedContinuation { continuation in
            let ahead = threads.submit(
                for: caller, { [meter] in meter.measure(work) }, then: { continuation.resume(returning: .success($0)) })
            guard let ahead else { return }
            meter.refused()
            continuation.resume(returning: .failure(HashQueueFull(retryAfter: wait(ahead, scheme))))
        }
        return try result.get()
    }

    private func wait(_ ahead: Int, _ scheme: PasswordScheme) -> Duration {
        max(.seconds(1), BcryptCost(scheme).estimate * (ahead + 1) / max(1, threads.count))
    }
}
