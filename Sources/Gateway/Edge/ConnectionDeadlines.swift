import NIOCore

/// How long a connection may still take for what it is doing; closes it when it takes longer.
///
/// Belongs to one channel and is touched on its event loop alone. The clock looks at it at the earliest of its deadlines, which is asked anew
/// only then when one has moved away, so a busy connection costs the clock nothing.
final class ConnectionDeadlines {
    enum Phase { case idle, head, body, gathering, streaming, answering, lingering, closing }

    private(set) var phase = Phase.idle
    private let limits: EdgeLimits
    private let channel: any Channel
    private let clock: DeadlineClock
    /// Of the phase; the far future when it has none.
    private var deadline = NIODeadline.distantFuture
    /// Of an answer that the client leaves unread.
    private var writeDeadline = NIODeadline.distantFuture
    /// When the clock looks; nil when it does not.
    private var tenth: Int64?
    private var isClosed = false

    init(channel: any Channel, clock: DeadlineClock, limits: EdgeLimits) {
        self.channel = channel
        self.clock = clock
        self.limits = limits
    }

    func closed() {
        isClosed = true
        if let tenth { clock.remove(self, at: tenth) }
        tenth = nil
    }

    func enter(_ phase: Phase) {
        self.phase = phase
        deadline =
            switch phase {
            case .idle: clock.now + .init(limits.idle)
            case .head: clock.now + .init(limits.head)
            case .body: clock.now + .init(limits.body)
            case .gathering: clock.now + .init(limits.gathering)
            case .streaming: clock.now + .init(limits.idle)
            case .answering: .distantFuture
            case .lingering: clock.now + .init(limits.linger)
            case .closing: clock.now + .init(limits.unread)
            }
        arm()
    }

    /// Bytes of a streamed body came: they buy as much time as they may take, and never more than a body may pause.
    func came(_ count: Int) {
        guard phase == .streaming else { return }
        let bought = TimeAmount.nanoseconds(Int64(count) * 1_000_000_000 / Int64(limits.leastRate))
        deadline = min(deadline + bought, clock.now + .init(limits.idle))
        arm()
    }

    func writabilityChanged(isWritable: Bool) {
        writeDeadline = isWritable ? .distantFuture : clock.now + .init(limits.unread)
        arm()
    }

    private func arm() {
        let next = min(deadline, writeDeadline)
        guard !isClosed, next < .distantFuture else { return }
        let wanted = DeadlineClock.tenth(of: next)
        if let tenth {
            guard wanted < tenth else { return }
            clock.remove(self, at: tenth)
        }
        tenth = wanted
        clock.add(self, at: wanted)
    }

    /// The clock's: closes the connection whose time is over.
    func look() {
        tenth = nil
        if min(deadline, writeDeadline) > clock.now { return arm() }
        channel.close(promise: nil)
    }
}

@available(*, unavailable)
extension ConnectionDeadlines: Sendable {}
