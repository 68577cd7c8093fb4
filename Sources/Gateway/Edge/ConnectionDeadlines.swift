import NIOCore

/// How long a connection may still take for what it is doing; closes it when it takes longer.
///
/// Belongs to one channel and is touched on its event loop alone. One timer serves all deadlines: it is moved when it fires, not when a
/// deadline moves, so a busy connection costs no timers.
final class ConnectionDeadlines {
    private enum Phase { case idle, head, body, answering, lingering }

    private let limits: EdgeLimits
    private let channel: any Channel
    private var phase = Phase.idle
    private var deadline: NIODeadline?
    private var writeDeadline: NIODeadline?
    private var timer: Scheduled<Void>?
    private var timerAt: NIODeadline?
    private var isQuiescing = false

    init(channel: any Channel, limits: EdgeLimits) {
        self.channel = channel
        self.limits = limits
    }

    func opened() { enter(.idle, within: limits.idle) }

    func closed() {
        timer?.cancel()
        timer = nil
    }

    func bytesCame() {
        if phase == .idle { enter(.head, within: limits.head) }
    }

    func headCame() { enter(.body, within: limits.body) }

    func requestEnded() {
        if phase == .body || phase == .head { enter(.answering, within: nil) }
    }

    /// An answer is complete; when its request is not, the rest is waited for only as long as the answer needs to arrive.
    func answerEnded() {
        guard !isQuiescing else { return enter(.lingering, within: limits.linger) }
        if phase == .answering { enter(.idle, within: limits.idle) } else { enter(.lingering, within: limits.linger) }
    }

    func writabilityChanged(isWritable: Bool) {
        writeDeadline = isWritable ? nil : .now() + .init(limits.unread)
        arm()
    }

    /// The server is going down: a connection that owes nothing is closed, another when its answer is out.
    func quiesce() {
        isQuiescing = true
        if phase == .idle { channel.close(promise: nil) }
    }

    private func enter(_ phase: Phase, within span: Duration?) {
        self.phase = phase
        deadline = span.map { .now() + .init($0) }
        arm()
    }

    private func arm() {
        guard let next = [deadline, writeDeadline].compactMap({ $0 }).min() else { return }
        if let timerAt, timerAt <= next { return }
        timer?.cancel()
        timerAt = next
        timer = channel.eventLoop.assumeIsolated().scheduleTask(deadline: next) { [weak self] in self?.fired() }
    }

    private func fired() {
        timerAt = nil
        guard let next = [deadline, writeDeadline].compactMap({ $0 }).min() else { return }
        guard next <= .now() else { return arm() }
        channel.close(promise: nil)
    }
}

@available(*, unavailable)
extension ConnectionDeadlines: Sendable {}

/// Before the parser: sees the first byte of a head.
final class FirstByteObserver: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer

    private let deadlines: ConnectionDeadlines

    init(_ deadlines: ConnectionDeadlines) { self.deadlines = deadlines }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        deadlines.bytesCame()
        context.fireChannelRead(data)
    }
}

@available(*, unavailable)
extension FirstByteObserver: Sendable {}
