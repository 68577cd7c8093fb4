/// A way out for mails.
package protocol MailTransport: Sendable {
    /// Hands `message` over, and returns when the other side has taken responsibility for it.
    ///
    /// Concurrent calls are allowed; a transport may serve them one by one.
    func send(_ message: MailMessage) async throws(MailFault)
}
