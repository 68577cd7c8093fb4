import Synchronization

/// Sends mails to one SMTP server by libcurl, over connections that it keeps.
///
/// As many connections as there are mails under way; one after another they go over the same. A mail is sent when the server has answered 250 to
/// its end; if the connection breaks before that answer came, the mail counts as not sent, and a second copy of it carries the same Message-ID.
package final class SMTPTransport: MailTransport {
    private let configuration: SMTPConfiguration
    private let idle = Mutex<[SMTPSender]>([])

    /// A transport for the server that `configuration` names; nothing is opened before the first mail.
    package init(_ configuration: SMTPConfiguration) {
        self.configuration = configuration
    }

    package func send(_ message: MailMessage) async throws(MailFault) {
        // The one used last: its connection is the youngest.
        let sender = idle.withLock { $0.popLast() } ?? SMTPSender(configuration)
        defer { idle.withLock { $0.append(sender) } }
        try await sender.send(message)
    }
}
