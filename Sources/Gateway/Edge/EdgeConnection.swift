import DialectEngine
import Identity
import NIOCore

/// One client's connection: bytes come in, requests are judged, answers go out.
///
/// Start here. Everything happens on the connection's event loop, one request after the other; only the responder's work, which may wait
/// for a store or a hash, is a task of its own. What `wantsBytes` says decides whether the socket is read: a client that sends without
/// reading, or faster than its requests are served, waits by TCP's own means.
final class EdgeConnection: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    enum Phase {
        /// Between two requests, or within a head.
        case head
        /// Within a body that is read before it is answered.
        case collecting(Exchange)
        /// The responder is at work.
        case serving(Exchange)
        /// An upstream is at work.
        case forwarding(Relay)
        /// Within a body that nobody wants.
        case skipping(BodyIntake)
        /// The last answer is out; what still comes is thrown away for a while, as closing over unread bytes is a reset, and the reset may
        /// overtake the answer.
        case leaving(left: Int)
        case gone
    }

    /// How much of a body that nobody wants is read for the sake of the connection.
    static let skipLimit = 64 * 1024
    /// How much is read ahead while a request is served, so that the end of the connection is seen.
    private static let aheadLimit = 4096
    /// Up to how many bytes are copied into one piece.
    private static let pieceLimit = 16 * 1024

    let site: EdgeSite
    let channel: any Channel
    let deadlines: ConnectionDeadlines
    var phase = Phase.head
    /// Read from the socket, by no request yet.
    var bytes = ByteBuffer()
    let peer: String
    let isPeerTrusted: Bool
    let port: Int
    let memory: HeadMemory
    let pool: UpstreamPool
    private let departures: Departures
    /// Under which it is counted.
    let countedAs: String
    private var context: ChannelHandlerContext?
    var boundary: HeadBoundary
    /// The client will send no more.
    private(set) var hasEnded = false
    /// As the channel said last.
    private(set) var isWritable = true
    private var isReadHeld = false
    private var isReading = false
    /// Something was written since the last flush.
    private var owesFlush = false
    private var isAdvancing = false
    /// While it was advancing something ended at once, and there may be more to do.
    private var goesOnAgain = false
    /// The client takes the end of the connection for the end of an answer, and does not have all of it yet.
    var endsInReset = false {
        didSet { if endsInReset != oldValue { channel.setEndsInReset(endsInReset) } }
    }
    /// Written, and not yet given to the channel: what is small goes out in one piece.
    private var held = ByteBuffer()
    /// Looked at by its loop's `StandingWatch`.
    var isWatched = false
    /// The responder's, while it is at work.
    var work: Task<Void, Never>?

    init(site: EdgeSite, channel: any Channel, countedAs: String) {
        self.site = site
        self.channel = channel
        self.countedAs = countedAs
        peer = channel.peerAddress
        isPeerTrusted = site.clients.isTrusted(peer)
        port = channel.localAddress?.port ?? 0
        memory = site.meter.memories.memory(on: channel.eventLoop)
        pool = site.upstreams.pool(on: channel.eventLoop)
        departures = site.departures.value(on: channel.eventLoop)
        deadlines = ConnectionDeadlines(
            channel: channel, clock: site.clocks.value(on: channel.eventLoop), limits: site.limits, progress: { channel.sendProgress })
        boundary = HeadBoundary(limit: site.limits.headBytes)
    }

    // MARK: What the channel says

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        deadlines.enter(context.channel.isActive ? .idle : .arriving)
    }

    func handlerRemoved(context: ChannelHandlerContext) { leave() }

    func channelActive(context: ChannelHandlerContext) {
        deadlines.enter(.idle)
        context.fireChannelActive()
    }

    func channelInactive(context: ChannelHandlerContext) {
        leave()
        context.fireChannelInactive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        isReading = true
        var more = Self.unwrapInboundIn(data)
        bytes.gather(&more)
        advance()
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        isReading = false
        flushSoon()
    }

    func read(context: ChannelHandlerContext) {
        if wantsBytes { context.read() } else { isReadHeld = true }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        isWritable = context.channel.isWritable
        deadlines.writabilityChanged(isWritable: isWritable)
        if isWritable {
            if case .forwarding(let relay) = phase { relay.upstream.clientTakesBytes() }
            advance()
        }
        context.fireChannelWritabilityChanged()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch event {
        case ChannelEvent.inputClosed:
            hasEnded = true
            advance()
        case is ChannelShouldQuiesceEvent: quiesce()
        default: context.fireUserInboundEventTriggered(event)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

    private func leave() {
        deadlines.closed()
        if case .forwarding(let relay) = phase { abandon(relay) }
        phase = .gone
        context = nil
    }

    deinit {
        site.peers.left(countedAs)
        site.meter.closed()
    }

    /// The server is going down: a connection that owes nothing is closed, another when its answer is out.
    private func quiesce() {
        switch phase {
        // Before it is active nothing is written, so there is nothing to wait for.
        case .head where !channel.isActive: channel.close(promise: nil)
        case .head where bytes.readableBytes == 0: closeWhenWritten()
        case .forwarding(let relay) where relay.isSwitched: channel.close(promise: nil)
        default: break
        }
    }

    // MARK: Reading

    private var wantsBytes: Bool {
        switch phase {
        case .head: isWritable
        case .collecting, .skipping, .leaving: true
        case .serving: bytes.readableBytes < Self.aheadLimit
        case .forwarding(let relay): relay.isWhole ? bytes.readableBytes < Self.aheadLimit : relay.upstream.wantsBytes
        case .gone: false
        }
    }

    /// Goes on as far as the bytes allow.
    ///
    /// What ends at once, such as a request that no upstream takes, calls this within this: the outer one goes on, or thousands of
    /// pipelined requests would be as many frames of the stack.
    func advance() {
        guard !isAdvancing else { return goesOnAgain = true }
        isAdvancing = true
        repeat {
            goesOnAgain = false
            while takeStep() {}
        } while goesOnAgain
        isAdvancing = false
        // Its storage goes back to be read into.
        if bytes.readableBytes == 0 { bytes = ByteBuffer() }
        if hasEnded { finish() }
        readOn()
    }

    /// Whether there is more to do.
    private func takeStep() -> Bool {
        switch phase {
        case .head: return readHead()
        case .collecting(let exchange): return collect(exchange)
        case .forwarding(let relay):
            passOn(relay)
            // What ends it goes on by itself.
            return false
        case .skipping(let body): return skip(body)
        case .leaving(let left): return throwAway(left)
        case .serving, .gone: return false
        }
    }

    /// Lets a read go that was held back, if bytes are wanted again.
    func readOn() {
        guard isReadHeld, wantsBytes, let context else { return }
        isReadHeld = false
        context.read()
    }

    /// Ends what waits for bytes that will never come.
    private func finish() {
        switch phase {
        case .head where bytes.readableBytes > 0 && !isWritable: break
        case .head, .collecting, .skipping, .leaving: closeWhenWritten()
        // A client that closes while its request is at an upstream's has lost interest, as far as anyone can tell.
        case .forwarding(let relay):
            abandon(relay)
            if endsInReset { channel.close(promise: nil) } else { closeWhenWritten() }
        case .serving, .gone: break
        }
    }

    // MARK: Writing

    /// What is written while a read is under way leaves with its end: one system call for many pipelined answers.
    func write(_ bytes: ByteBuffer) {
        writeOnly(bytes)
        if !isReading { flush() }
    }

    /// Leaves the flush to the caller.
    func writeOnly(_ bytes: ByteBuffer) {
        guard let context else { return }
        owesFlush = true
        if held.readableBytes > 0 {
            guard held.readableBytes + bytes.readableBytes > Self.pieceLimit else {
                held.writeImmutableBuffer(bytes)
                return
            }
            release()
        }
        context.write(Self.wrapOutboundOut(bytes), promise: nil)
    }

    /// Like `writeOnly`, of bytes to which more will be added.
    func writeBegin(_ bytes: consuming ByteBuffer) {
        release()
        held = bytes
        owesFlush = true
    }

    func flush() {
        guard owesFlush else { return }
        owesFlush = false
        release()
        context?.flush()
    }

    /// Lets what was written leave together with other connections' answers.
    func flushSoon() {
        if owesFlush { departures.add(self) }
    }

    private func release() {
        guard held.readableBytes > 0 else { return }
        var bytes = ByteBuffer()
        swap(&bytes, &held)
        context?.write(Self.wrapOutboundOut(bytes), promise: nil)
    }

    /// Ends the connection, but for what the client still says.
    func sayGoodbye() {
        whenWritten { connection in
            connection.deadlines.enter(.lingering)
            connection.phase = .leaving(left: connection.site.limits.lingerBytes)
            guard !connection.hasEnded else { return connection.closeWhenWritten() }
            connection.channel.close(mode: .output, promise: nil)
            connection.advance()
        }
    }

    func closeWhenWritten() { whenWritten { $0.channel.close(promise: nil) } }

    /// Closing at once would drop what the socket has not taken yet.
    private func whenWritten(_ end: @escaping (EdgeConnection) -> Void) {
        release()
        guard let context else { return }
        deadlines.enter(.closing)
        phase = .gone
        let written = channel.eventLoop.makePromise(of: Void.self)
        written.futureResult.assumeIsolated().whenComplete { result in
            guard self.context != nil, case .success = result else { return self.channel.close(promise: nil) }
            self.endsInReset = false
            end(self)
        }
        context.writeAndFlush(Self.wrapOutboundOut(ByteBuffer()), promise: written)
    }
}

@available(*, unavailable)
extension EdgeConnection: Sendable {}
