import Glibc
import Identity

/// The file of a store, made so that only its owner can read it.
enum SQLiteFile {
    /// Creates the file (0600) and the folders above it (0700) that are not there; what is there keeps its modes.
    ///
    /// SQLite gives the `-wal` and `-shm` files beside it the same mode.
    static func prepare(path: String) throws {
        try makeFolder(path.utf8.lastIndex(of: UInt8(ascii: "/")).map { String(path[..<$0]) } ?? "")
        let descriptor = open(path, O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            if errno == EEXIST { return }
            throw StoreError.unavailable("the store's file cannot be created: \(reason(errno))")
        }
        close(descriptor)
    }

    private static func makeFolder(_ path: String) throws {
        guard !path.isEmpty, access(path, F_OK) != 0 else { return }
        try makeFolder(path.utf8.lastIndex(of: UInt8(ascii: "/")).map { String(path[..<$0]) } ?? "")
        guard mkdir(path, 0o700) == 0 || errno == EEXIST else {
            throw StoreError.unavailable("the store's folder cannot be created: \(reason(errno))")
        }
    }

    private static func reason(_ code: CInt) -> String {
        switch code {
        case EACCES, EPERM: "permission denied"
        case ENOSPC: "the disk is full"
        case EROFS: "the file system is read-only"
        case ENOTDIR: "a part of its path is a file"
        case EISDIR: "it is a folder"
        default: "error \(code)"
        }
    }
}
