import Glibc

/// Files that only their owner may read.
enum PrivateFile {
    struct Fault: Error, Sendable, Hashable {
        var reason: String

        init(_ code: CInt) { reason = String(cString: strerror(code)).loweringFirst() }
    }

    /// The whole file.
    static func read(_ path: String) throws(Fault) -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw Fault(errno) }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = Glibc.read(descriptor, &chunk, chunk.count)
            guard count >= 0 else { throw Fault(errno) }
            guard count > 0 else { return bytes }
            bytes += chunk[..<count]
        }
    }

    /// Whether users other than its owner and group may read it.
    static func isReadableByAll(_ path: String) throws(Fault) -> Bool {
        var status = stat()
        guard stat(path, &status) == 0 else { throw Fault(errno) }
        return status.st_mode & 0o004 != 0
    }

    static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

    /// Writes a new file (0600), all of it or none; false when there is one already.
    static func create(_ path: String, _ bytes: [UInt8]) throws(Fault) -> Bool {
        let draft = "\(path).\(getpid()).new"
        try write(draft, bytes)
        defer { unlink(draft) }
        if link(draft, path) == 0 {
            try keepNames(beside: path)
            return true
        }
        if errno == EEXIST { return false }
        throw Fault(errno)
    }

    /// Writes a file (0600) in place of whatever is there, all of it or none.
    static func replace(_ path: String, _ bytes: [UInt8]) throws(Fault) {
        let draft = "\(path).\(getpid()).new"
        try write(draft, bytes)
        guard Glibc.rename(draft, path) == 0 else {
            let code = errno
            unlink(draft)
            throw Fault(code)
        }
        try keepNames(beside: path)
    }

    /// Takes a file away; one that is gone already is no fault.
    static func remove(_ path: String) throws(Fault) {
        guard unlink(path) == 0 || errno == ENOENT else { throw Fault(errno) }
    }

    /// Gives a file another name, and replaces what had it.
    static func rename(_ path: String, _ other: String) throws(Fault) {
        guard Glibc.rename(path, other) == 0 else { throw Fault(errno) }
        try keepNames(beside: other)
    }

    /// Runs the body while nobody else does the same in this folder, in any process.
    static func alone(in folder: String, _ body: () throws -> Void) throws {
        let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw Fault(errno) }
        defer { close(descriptor) }
        guard flock(descriptor, LOCK_EX) == 0 else { throw Fault(errno) }
        try body()
    }

    /// The names in a folder, sorted; none when it is not there.
    static func names(in folder: String) -> [String] {
        guard let stream = opendir(folder) else { return [] }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names.sorted()
    }

    /// Makes a folder (0700) and those above it.
    static func makeFolder(_ path: String) throws(Fault) {
        guard !path.isEmpty, !exists(path) else { return }
        if let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) { try makeFolder(String(path[..<slash])) }
        guard mkdir(path, 0o700) == 0 || errno == EEXIST else { throw Fault(errno) }
    }

    /// Brings the folder of a file to the disk, else a power cut could take back a name whose file is there.
    private static func keepNames(beside path: String) throws(Fault) {
        let folder = path.utf8.lastIndex(of: UInt8(ascii: "/")).map { path[...$0] } ?? "."
        let descriptor = open(String(folder), O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw Fault(errno) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw Fault(errno) }
    }

    private static func write(_ path: String, _ bytes: [UInt8]) throws(Fault) {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw Fault(errno) }
        defer { close(descriptor) }
        var left = bytes[...]
        while !left.isEmpty {
            let count = left.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            guard count > 0 else { throw Fault(errno) }
            left = left.dropFirst(count)
        }
        guard fsync(descriptor) == 0 else { throw Fault(errno) }
    }
}

extension String {
    fileprivate func loweringFirst() -> String { prefix(1).lowercased() + dropFirst() }
}
