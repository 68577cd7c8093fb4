import NIOCore

/// The head of an upstream's answer as the client is to see it.
struct UpstreamAnswer: Sendable, Hashable {
    var status: Int
    /// The status line and the fields, each line with its CR LF: cleaned, and with the line that tells the framing.
    ///
    /// The empty line, `Connection` and a missing `Date` are the client connection's.
    var head: ByteBuffer
    /// As the client must be told; `untilClose` only for HTTP/1.0 clients.
    var framing: BodyFraming
    /// Whether the fields have a `Date`.
    var hasDate: Bool
}
