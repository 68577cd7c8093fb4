import Glibc
import Identity

/// The file of a store, made so that only its owner can read it.
enum SQLiteFile {
    /// Creates the file (0600) and the folders above it (0700) that are not there; what is there keeps its modes.
    ///
    /// SQLite gives the `-wal` and `-shm` files beside it the same mode.
    static func prepare(path: String) throws {
        try makeFolder(of: path)
        let descriptor = open(path, O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            if errno == EEXIST { return }
            throw failure("the store's file cannot be created")
        }
        close(descriptor)
    }

    /// Creates the folders (0700) above a file that are not there.
    static func makeFolder(of path: String) throws { try makeFolder(folder(of: path)) }

    /// Gives a file another name, in place of whatever has it.
    static func rename(_ old: String, _ new: String) throws {
        guard Glibc.rename(old, new) == 0 else { throw failure("a file cannot be renamed") }
    }

    /// Brings a file to the disk.
    static func sync(_ path: String) throws { try sync(path, O_RDWR) }

    /// Brings the names in a file's folder to the disk.
    static func sync(folderOf path: String) throws { try sync(place(of: path), O_RDONLY | O_DIRECTORY) }

    /// Whether two names lead to one file.
    static func areSame(_ one: String, _ other: String) -> Bool {
        var first = stat()
        var second = stat()
        guard stat(one, &first) == 0, stat(other, &second) == 0 else { return false }
        return first.st_dev == second.st_dev && first.st_ino == second.st_ino
    }

    /// Whether a name leads to a store's file, or to one that SQLite or a server keeps beside it, be it there already or not.
    static func isPart(_ file: String, ofStore path: String) -> Bool {
        // SQLite keeps its own beside the file, not beside a link to it.
        let names = [path, resolved(path)].flatMap { path in ["", "-wal", "-shm", "-journal", ".serving"].map { path + $0 } }
        return names.contains { areSame(file, $0) || isNamed(file, like: $0) }
    }

    /// Whether a file is, or would be, right in a folder.
    static func lies(_ file: String, in folder: String) -> Bool { areSame(place(of: file), folder) }

    /// What the last call of the system failed for.
    static func failure(_ words: String) -> StoreError { .unavailable("\(words): \(reason(errno))") }

    private static func sync(_ path: String, _ mode: CInt) throws {
        let descriptor = open(path, mode | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure("a file cannot be brought to the disk") }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw failure("a file cannot be brought to the disk") }
    }

    /// Whether two names are one name in one folder.
    private static func isNamed(_ one: String, like other: String) -> Bool {
        name(of: one) == name(of: other) && lies(one, in: place(of: other))
    }

    private static func name(of path: String) -> Substring {
        path.utf8.lastIndex(of: UInt8(ascii: "/")).map { path[path.utf8.index(after: $0)...] } ?? path[...]
    }

    /// The name without symbolic links; the name itself when nothing is there.
    private static func resolved(_ path: String) -> String {
        guard let real = realpath(path, nil) else { return path }
        defer { free(real) }
        return String(cString: real)
    }

    /// The folder in which a file is or would be.
    private static func place(of path: String) -> String {
        let folder = folder(of: path)
        return folder.isEmpty ? (path.hasPrefix("/") ? "/" : ".") : folder
    }

    private static func folder(of path: String) -> String {
        path.utf8.lastIndex(of: UInt8(ascii: "/")).map { String(path[..<$0]) } ?? ""
    }

    private static func makeFolder(_ path: String) throws {
        guard !path.isEmpty, access(path, F_OK) != 0 else { return }
        try makeFolder(of: path)
        guard mkdir(path, 0o700) == 0 || errno == EEXIST else {
            throw failure("the store's folder cannot be created")
        }
    }

    private static func reason(_ code: CInt) -> String {
        switch code {
        case EACCES, EPERM: "permission denied"
        case ENOSPC: "the disk is full"
        case EROFS: "the file system is read-only"
        case ENOTDIR: "a part of its path is a file"
        case EISDIR: "it is a folder"
        case EEXIST: "there is one already"
        case ENOENT: "its folder is not there"
        default: "error \(code)"
        }
    }
}
