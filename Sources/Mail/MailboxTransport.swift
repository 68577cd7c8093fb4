/// Keeps mails as files instead of sending them: for a first look, for development and for tests.
///
/// One `.eml` file for each mail; names sort by time and, within a second, by the order of writing, and a mail sent again replaces itself.
package struct MailboxTransport: MailTransport {
    private let folder: MailboxFolder
    private let names: MailboxNames

    /// A mailbox in the folder at `path`, which the first mail makes (0700) when it is missing.
    package init(folder path: String) {
        folder = MailboxFolder(path: path)
        names = MailboxNames(folder)
    }

    package func send(_ message: MailMessage) async throws(MailFault) {
        try folder.write(MIMEComposer.compose(message), as: try names.name(for: message))
    }
}
