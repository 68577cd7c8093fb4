import Mail
import Synchronization

/// A transport whose answers a test writes.
final class ScriptedTransport: MailTransport {
    typealias Script = @Sendable (_ message: MailMessage, _ attempt: Int, _ now: Int64) -> MailFault?

    /// A try: which mail, and when.
    struct Try: Equatable {
        let id: String
        let at: Int64
    }

    private let clock: HandClock
    private let script: Script
    private let log = Mutex<[Try]>([])

    init(_ clock: HandClock, _ script: @escaping Script = { _, _, _ in nil }) {
        self.clock = clock
        self.script = script
    }

    var tries: [Try] { log.withLock(\.self) }

    func send(_ message: MailMessage) async throws(MailFault) {
        let now = clock.now
        let attempt = log.withLock { log in
            log.append(Try(id: message.id, at: now))
            return log.count { $0.id == message.id }
        }
        if let fault = script(message, attempt, now) { throw fault }
    }
}
