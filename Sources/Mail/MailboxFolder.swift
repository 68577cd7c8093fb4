import Glibc
import Synchronization

/// The folder that holds a mailbox: whole files of bytes under plain names.
///
/// Made with 0700 and files of 0600, since mails carry codes and links. A file appears whole or not at all; nothing is synced to the
/// disk, as the mailbox serves development and tests.
struct MailboxFolder: Sendable {
    private static let drafts = Atomic<Int>(0)

    let path: String

    /// The names of the mails in it, oldest first; none when there is no folder yet.
    func names() throws(MailFault) -> [String] {
        guard let directory = opendir(path) else {
            if errno == ENOENT { return [] }
            throw fault("cannot be read")
        }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            let name = withUnsafeBytes(of: entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
            if Self.isMail(name) { names.append(name) }
        }
        return names.sorted()
    }

    /// The bytes of the mail `name`, nil when there is none of that name.
    func read(_ name: String) throws(MailFault) -> [UInt8]? {
        guard Self.isMail(name) else { return nil }
        let file = open("\(path)/\(name)", O_RDONLY | O_CLOEXEC)
        guard file >= 0 else {
            if errno == ENOENT { return nil }
            throw fault("cannot be read")
        }
        defer { close(file) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 16_384)
        while true {
            let count = Glibc.read(file, &chunk, chunk.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw fault("cannot be read") }
            guard count > 0 else { return bytes }
            bytes += chunk.prefix(count)
        }
    }

    /// Puts `bytes` there as `name`; a mail of that name already there stays the only one.
    func write(_ bytes: [UInt8], as name: String) throws(MailFault) {
        try makeFolders()
        let draft = "\(path)/.\(getpid())-\(Self.drafts.add(1, ordering: .relaxed).newValue).part"
        let file = open(draft, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw fault("cannot be written") }
        var rest = bytes[...]
        while !rest.isEmpty {
            let written = rest.withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
            if written < 0, errno == EINTR { continue }
            guard written > 0 else { break }
            rest = rest.dropFirst(written)
        }
        let isClosed = close(file) == 0
        guard rest.isEmpty, isClosed, rename(draft, "\(path)/\(name)") == 0 else {
            let fault = fault("cannot be written")
            unlink(draft)
            throw fault
        }
    }

    private static func isMail(_ name: String) -> Bool {
        name.hasSuffix(".eml") && !name.hasPrefix(".") && !name.utf8.contains(UInt8(ascii: "/")) && !name.utf8.contains(0)
    }

    private func makeFolders() throws(MailFault) {
        var folder = path.hasPrefix("/") ? "/" : ""
        for component in path.split(separator: "/") {
            folder += component
            guard mkdir(folder, 0o700) == 0 || errno == EEXIST || access(folder, F_OK) == 0 else { throw fault("cannot be made") }
            folder += "/"
        }
    }

    private func fault(_ what: String) -> MailFault {
        .unreachable("the mailbox folder \(what) (error \(errno))")
    }
}
