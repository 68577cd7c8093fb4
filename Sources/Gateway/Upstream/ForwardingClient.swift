import NIOCore

/// The client's connection as an exchange with an upstream sees it; everything happens on the one event loop.
///
/// `upstreamAnswered` and `upstreamBytes` need not be flushed: `upstreamPauses` comes after each run of them. The other calls are to be
/// flushed at once. After `upstreamEnded` or `upstreamFailed` no call comes.
protocol ForwardingClient: AnyObject {
    /// Whether its channel is writable; when that becomes true again it calls `clientTakesBytes()`.
    var takesBytes: Bool { get }
    /// The final head.
    func upstreamAnswered(_ answer: consuming UpstreamAnswer)
    /// An interim answer beside 100 and 101, complete bytes; never for HTTP/1.0 clients.
    func upstreamInterim(_ head: ByteBuffer)
    /// 101: from now on raw bytes go both ways.
    func upstreamSwitched(_ answer: consuming UpstreamAnswer)
    /// More of the body, framed already as the client was told.
    func upstreamBytes(_ bytes: ByteBuffer)
    /// What came since the last call is to be flushed.
    func upstreamPauses()
    /// `wantsBytes` became true: the client may be read on.
    func upstreamWantsBytes()
    /// The answer is complete; or the upstream closed a switched connection.
    func upstreamEnded()
    /// Before the head: to be answered in the dialect's words. After it: the client's connection is to be closed, never ended as if whole.
    func upstreamFailed(_ fault: UpstreamFault)
}
