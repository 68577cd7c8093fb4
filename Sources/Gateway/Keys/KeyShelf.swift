package import Identity

/// Where generated keys are kept: files of one machine, or the store that several instances share.
package protocol KeyShelf: Sendable {
    /// Whether instances on other machines have the same keys.
    var isShared: Bool { get }
    /// How long a new key is known before it signs, so that every instance has read it by then.
    var lead: Duration { get }

    /// The keys of these names that have not ended, the newest of each first; a name without any is left out.
    ///
    /// - Throws: what the disk or the store says, or `AssemblyFault` for a key that is not to be used.
    func load(_ names: [KeyName], at now: Instant) async throws -> [KeyName: [KeptKey]]

    /// Keeps the first key of a name; one that somebody else made meanwhile stays.
    func keepFirst(_ text: [UInt8], of name: KeyName, at now: Instant) async throws

    /// Keeps a new key; those before it verify for `overlap` from the moment on in which it signs, and no longer than they would have.
    ///
    /// Without any overlap the new one signs at once and those before it count no more. They have to be readable, or other instances may
    /// not be able to read the new one either, unless it is forced.
    func rotate(_ name: KeyName, to text: [UInt8], overlap: Duration, isForced: Bool, at now: Instant) async throws -> KeyRotation

    /// Takes away what has ended by then, where the store does not do it.
    func sweep(at moment: Instant) async throws
}

/// When a new key signs, and until when those before it verify.
package struct KeyRotation: Sendable, Hashable {
    package var signsFrom: Instant
    package var until: Instant

    init(at now: Instant, lead: Duration, overlap: Duration) {
        signsFrom = overlap > .zero ? now + lead : now
        until = signsFrom + overlap
    }
}
