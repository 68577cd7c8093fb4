/// Time, randomness, store and hasher: all that the engine asks of the world, in one value, so transcripts replay byte for byte.
package struct IdentityEnvironment: Sendable {
    package var store: any IdentityStore
    package var now: @Sendable () -> Instant
    /// That many bytes from a cryptographic generator.
    package var random: @Sendable (Int) -> [UInt8]
    package var hasher: PasswordHasher
    package var commonPasswords: CommonPasswords
    package var signing: SigningThreads
    /// Told what a log and a counter should know, and the address of the client that asked; returns at once.
    package var tell: @Sendable (IdentityEvent, _ address: String?) -> Void

    package init(
        store: any IdentityStore, now: @escaping @Sendable () -> Instant, random: @escaping @Sendable (Int) -> [UInt8],
        hasher: PasswordHasher, commonPasswords: CommonPasswords, signing: SigningThreads = SigningThreads(),
        report: @escaping @Sendable (IdentityEvent, _ address: String?) -> Void = { _, _ in }
    ) {
        self.store = store
        self.now = now
        self.random = random
        self.hasher = hasher
        self.commonPasswords = commonPasswords
        self.signing = signing
        self.tell = report
    }

    /// Tells what happened; without an address no client asked for it.
    package func report(_ event: IdentityEvent, from address: String? = nil) { tell(event, address) }
}
