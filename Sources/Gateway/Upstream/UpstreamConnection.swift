import NIOCore

/// One connection to an upstream: gives what comes to the exchange that it serves, reads no faster than the client takes, and watches the
/// clock.
///
/// One timer serves all deadlines: it is moved when it fires, not when a deadline moves, so a busy connection costs no timers.
final class UpstreamConnection: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private var context: ChannelHandlerContext?
    private var home: (pool: UpstreamPool, upstream: Upstream, target: Int)?
    private var exchange: UpstreamExchange?
    /// What the exchange could not use yet: part of a head or of a line.
    private var unread = ByteBuffer()
    private var isReadHeld = false
    private var isBroken = false
    private var deadline: NIODeadline?
    private var timer: Scheduled<Void>?
    private var timerAt: NIODeadline?

    private(set) var isOpen = false
    /// As the channel said last.
    private(set) var isWritable = true

    // MARK: For the pool and the exchange

    /// Nobody will ask for it any more.
    var isRetired: Bool { home?.upstream.isRetired ?? true }

    /// False when the channel has been closed meanwhile.
    func adopt(pool: UpstreamPool, upstream: Upstream, target: Int) -> Bool {
        guard context?.channel.isActive == true else { return false }
        isOpen = true
        home = (pool, upstream, target)
        return true
    }

    func begin(_ exchange: UpstreamExchange) { self.exchange = exchange }

    /// The exchange is complete: the connection waits for another one.
    func keep(for span: TimeAmount) {
        exchange = nil
        guard let home else { return close() }
        setDeadline(in: span)
        resumeReading()
        home.pool.keep(self, home.upstream, home.target)
    }

    /// Closes at once; the exchange hears no more.
    func close() {
        exchange = nil
        deadline = nil
        isOpen = false
        context?.close(promise: nil)
    }

    func write(_ bytes: ByteBuffer) { context?.write(Self.wrapOutboundOut(bytes), promise: nil) }

    func flush() { context?.flush() }

    func resumeReading() {
        guard isReadHeld else { return }
        isReadHeld = false
        context?.read()
    }

    /// From now; nil waits for ever.
    func setDeadline(in span: TimeAmount?) {
        guard let span, let context else {
            deadline = nil
            return
        }
        let deadline = NIODeadline.now() + span
        self.deadline = deadline
        if let timerAt, timerAt <= deadline { return }
        arm(deadline, context)
    }

    // MARK: The channel

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }

    /// A channel that is closed before it was active never tells that it is inactive.
    func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
        leave()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var bytes = Self.unwrapInboundIn(data)
        guard let exchange else {
            // Nothing was asked: whatever this answers, it is not the next request.
            return close()
        }
        if unread.readableBytes > 0 {
            unread.gather(&bytes)
            bytes = ByteBuffer()
            swap(&bytes, &unread)
        }
        exchange.received(&bytes)
        if self.exchange === exchange, bytes.readableBytes > 0 { unread = bytes }
    }

    func channelReadComplete(context: ChannelHandlerContext) { exchange?.pauses() }

    func read(context: ChannelHandlerContext) {
        guard exchange?.takesAnswer ?? true else {
            isReadHeld = true
            setDeadline(in: nil)
            return
        }
        context.read()
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        isWritable = context.channel.isWritable
        exchange?.writabilityChanged()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        isBroken = true
        isOpen = false
        context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) { leave() }

    /// The pool has its place back, and the exchange is told; once, however often this is called.
    private func leave() {
        isOpen = false
        timer?.cancel()
        if let home {
            self.home = nil
            home.pool.closed(self, home.upstream, home.target)
        }
        guard let exchange else { return }
        self.exchange = nil
        exchange.connectionClosed(inOrder: !isBroken)
    }

    // MARK: The clock

    private func arm(_ deadline: NIODeadline, _ context: ChannelHandlerContext) {
        timer?.cancel()
        timerAt = deadline
        timer = context.eventLoop.assumeIsolated().scheduleTask(deadline: deadline) { [weak self] in self?.fired() }
    }

    private func fired() {
        timerAt = nil
        guard let deadline, let context else { return }
        guard deadline <= .now() else { return arm(deadline, context) }
        self.deadline = nil
        guard let exchange else { return close() }
        exchange.timedOut()
    }
}

@available(*, unavailable)
extension UpstreamConnection: Sendable {}
