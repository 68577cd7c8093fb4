import Glibc

/// Tells whether another process serves the same store, by a lock on a file that ends with its process, however that ends.
final class ServingLock: Sendable {
    private let descriptor: CInt
    /// Nobody else served when this was made.
    let wasAlone: Bool

    /// Nil where the file cannot be made.
    init?(path: String) {
        descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { return nil }
        wasAlone = flock(descriptor, LOCK_EX | LOCK_NB) == 0
        // At once, so that nobody waits for more than another's two calls.
        while flock(descriptor, LOCK_SH) != 0, errno == EINTR {}
    }

    deinit { close(descriptor) }
}
