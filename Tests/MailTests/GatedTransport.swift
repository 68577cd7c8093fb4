import Mail
import Synchronization

/// A transport that holds a mail until it is told to let it go.
final class GatedTransport: MailTransport {
    private let arrivals = AsyncStream<Void>.makeStream()
    private let gate = AsyncStream<Void>.makeStream()

    /// Returns once a mail is under way.
    func arrived() async {
        var iterator = arrivals.stream.makeAsyncIterator()
        await iterator.next()
    }

    /// Lets the mail go.
    func open() {
        gate.continuation.yield()
    }

    func send(_ message: MailMessage) async throws(MailFault) {
        arrivals.continuation.yield()
        var iterator = gate.stream.makeAsyncIterator()
        guard await iterator.next() != nil else { throw .unreachable("cancelled") }
    }
}
