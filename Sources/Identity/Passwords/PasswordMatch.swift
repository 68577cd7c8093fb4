/// What comparing a password with a stored hash said.
package struct PasswordMatch: Sendable, Hashable {
    /// Whether the password is the account's.
    package var matches: Bool
    /// Whether the hash should now be made anew, because it is cheaper than the scheme asks or saw only part of the password.
    ///
    /// Only ever true together with `matches`.
    package var needsRehash: Bool
    /// Whether the stored text was no hash at all, which deserves a line in the log (the text itself does not).
    package var isBroken: Bool

    package init(matches: Bool, needsRehash: Bool = false, isBroken: Bool = false) {
        self.matches = matches
        self.needsRehash = needsRehash
        self.isBroken = isBroken
    }
}

/// The hash queue was full, or the caller's share of it: nothing was hashed, and the caller should be asked to come again.
package struct HashQueueFull: Error, Sendable, Hashable {
    /// When the queue will roughly have been worked off; at least a second.
    package var retryAfter: Duration
}
