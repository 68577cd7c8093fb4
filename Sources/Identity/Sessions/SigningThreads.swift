/// Where tokens are signed: RSA takes milliseconds of a core and goes to threads of its own, everything else is done on the spot.
package struct SigningThreads: Sendable {
    private let threads: HashingThreads?

    /// Without threads all signing is done on the spot.
    package init(threads: HashingThreads? = nil) {
        self.threads = threads
    }

    /// Does the work; a full queue delays nobody, as the caller then does it itself.
    func run<Answer: Sendable>(_ key: SigningKey, _ work: @escaping @Sendable () throws -> Answer) async throws -> Answer {
        guard key.algorithm == .rs256, let threads else { return try work() }
        let result: Result<Answer, any Error> = await withCheckedContinuation { continuation in
            let refused = threads.submit({ Result { try work() } }, then: { continuation.resume(returning: $0) })
            if refused != nil { continuation.resume(returning: Result { try work() }) }
        }
        return try result.get()
    }
}
