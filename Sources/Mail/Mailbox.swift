/// Reads the folder that a ``MailboxTransport`` fills.
package struct Mailbox: Sendable {
    private let folder: MailboxFolder

    /// The mailbox in the folder at `path`; a missing folder is an empty mailbox.
    package init(folder path: String) {
        folder = MailboxFolder(path: path)
    }

    /// The mails, newest first, at most `limit` of them when given.
    ///
    /// - Throws: ``MailFault/unreachable(_:)`` when the folder or a file in it cannot be read.
    package func list(limit: Int? = nil) throws(MailFault) -> [MailboxEntry] {
        var entries: [MailboxEntry] = []
        for file in try folder.names().reversed().prefix(limit ?? .max) {
            guard let letter = try read(file) else { continue }
            entries.append(
                MailboxEntry(
                    file: file,
                    to: letter.header("To") ?? "",
                    subject: letter.header("Subject") ?? "",
                    date: letter.header("Date") ?? ""))
        }
        return entries
    }

    /// The mail in `file`, as ``list(limit:)`` named it; nil when there is none.
    ///
    /// - Throws: ``MailFault/unreachable(_:)`` when it cannot be read.
    package func read(_ file: String) throws(MailFault) -> MailboxLetter? {
        try folder.read(file).map { MailboxLetter(reading: $0) }
    }
}
