import DialectEngine

/// A request as its head told it, judged sound: the same for every request of the same bytes, and so what is remembered of them.
final class Arrival: Sendable {
    let head: CheckedHead
    let request: EdgeRequest
    /// The client's own id, when it sent one that can stand in a log.
    let clientID: String?
    /// Of the responder, before it was asked.
    let generation: UInt64

    init(_ head: CheckedHead, _ request: EdgeRequest, generation: UInt64) {
        self.head = head
        self.request = request
        self.generation = generation
        clientID = RequestID.sent(in: request.wire.headers)
    }

    /// About what it takes in memory: each field is two strings and their place in the list.
    var bytes: Int {
        request.wire.headers.reduce(1024 + request.wire.path.utf8.count) { $0 + $1.name.utf8.count + $1.value.utf8.count + 96 }
    }
}
