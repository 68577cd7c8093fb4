/// A line of the mailbox's list.
package struct MailboxEntry: Sendable, Hashable {
    /// The file's name in the folder.
    package let file: String
    /// The recipient's address.
    package let to: String
    /// The subject, decoded.
    package let subject: String
    /// The Date header: `Thu, 01 Jan 1970 00:00:00 +0000`.
    package let date: String
}
