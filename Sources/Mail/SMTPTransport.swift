/// Sends mails to one SMTP server by libcurl, one after another over a connection that it keeps.
///
/// libcurl blocks its caller, so the actor has a thread of its own. A mail is sent when the server has answered 250 to its end; if the
/// connection breaks before that answer came, the mail counts as not sent, and a second copy of it carries the same Message-ID.
package actor SMTPTransport: MailTransport {
    private let configuration: SMTPConfiguration
    private let executor = BlockingExecutor(label: "dragoman.smtp")
    private var connection: SMTPConnection?

    /// A transport for the server that `configuration` names; nothing is opened before the first mail.
    package init(_ configuration: SMTPConfiguration) {
        self.configuration = configuration
    }

    package nonisolated var unownedExecutor: UnownedSerialExecutor {
        executor.asUnownedSerialExecutor()
    }

    package func send(_ message: MailMessage) async throws(MailFault) {
        try connected().send(MIMEComposer.compose(message), from: message.from, to: message.to)
    }

    private func connected() throws(MailFault) -> SMTPConnection {
        if let connection { return connection }
        let connection = try SMTPConnection(configuration)
        self.connection = connection
        return connection
    }
}
