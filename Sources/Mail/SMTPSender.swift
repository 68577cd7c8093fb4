/// Sends mails one after another over a connection of its own.
///
/// libcurl blocks its caller, so the actor has a thread of its own.
actor SMTPSender {
    private let configuration: SMTPConfiguration
    private let executor = BlockingExecutor(label: "dragoman.smtp")
    private var connection: SMTPConnection?

    /// A sender to the server that `configuration` names; nothing is opened before the first mail.
    init(_ configuration: SMTPConfiguration) {
        self.configuration = configuration
    }

    nonisolated var unownedExecutor: UnownedSerialExecutor {
        executor.asUnownedSerialExecutor()
    }

    func send(_ message: MailMessage) throws(MailFault) {
        try connected().send(MIMEComposer.compose(message), from: message.from, to: message.to)
    }

    private func connected() throws(MailFault) -> SMTPConnection {
        if let connection { return connection }
        let connection = try SMTPConnection(configuration)
        self.connection = connection
        return connection
    }
}
