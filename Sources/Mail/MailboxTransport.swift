/// Keeps mails as files instead of sending them: for a first look, for development and for tests.
///
/// One `.eml` file for each mail, named by its time and id, so that names sort as time does and a mail sent again replaces itself.
package struct MailboxTransport: MailTransport {
    private let folder: MailboxFolder

    /// A mailbox in the folder at `path`, which the first mail makes (0700) when it is missing.
    package init(folder path: String) {
        folder = MailboxFolder(path: path)
    }

    package func send(_ message: MailMessage) async throws(MailFault) {
        try folder.write(MIMEComposer.compose(message), as: "\(MailDate.stamp(message.sentAt))-\(message.id).eml")
    }
}
