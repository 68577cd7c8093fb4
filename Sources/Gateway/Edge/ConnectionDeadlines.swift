import NIOCore

/// How long a connection may still take for what it is doing; closes it when it takes longer.
///
/// Belongs to one channel and is touched on its event loop alone. One timer serves all deadlines: it is moved when it fires, not when a
/// deadline moves, so a busy connection costs no timers.
final class ConnectionDeadlines {
    enum Phase { case idle, head, body, streaming, answering, lingering }

    private(set) var phase = Phase.idle
    private let limits: EdgeLimits
    private let channel: any Channel
    /// Of the phase; the far future when it has none.
    private var deadline = NIODeadline.distantFuture
    /// Of an answer that the client leaves unread.
    private var writeDeadline = NIODeadline.distantFuture
    private var timer: Scheduled<Void>?
    private var timerAt = NIODeadline.distantFuture

    init(channel: any Channel, limits: EdgeLimits) {
        self.channel = channel
        self.limits = limits
    }

    func closed() {
        timer?.cancel()
        timer = nil
    }

    func enter(_ phase: Phase) {
        self.phase = phase
        deadline =
            switch phase {
            case .idle: .now() + .init(limits.idle)
            case .head: .now() + .init(limits.head)
            case .body: .now() + .init(limits.body)
            case .streaming: .now() + .init(limits.idle)
            case .answering: .distantFuture
            case .lingering: .now() + .init(limits.linger)
            }
        arm()
    }

    func writabilityChanged(isWritable: Bool) {
        writeDeadline = isWritable ? .distantFuture : .now() + .init(limits.unread)
        arm()
    }

    private func arm() {
        let next = min(deadline, writeDeadline)
        guard next < timerAt else { return }
        timer?.cancel()
        timerAt = next
        timer = channel.eventLoop.assumeIsolated().scheduleTask(deadline: next) { [weak self] in self?.fired() }
    }

    private func fired() {
        timerAt = .distantFuture
        if min(deadline, writeDeadline) > .now() { return arm() }
        channel.close(promise: nil)
    }
}

@available(*, unavailable)
extension ConnectionDeadlines: Sendable {}
