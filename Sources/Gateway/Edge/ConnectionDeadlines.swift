import NIOCore

/// How long a connection may still take for what it is doing; closes it when it takes longer.
///
/// Belongs to one channel and is touched on its event loop alone. The clock looks at it at the earliest of its deadlines, which is asked anew
/// only then when one has moved away, so a busy connection costs the clock nothing.
final class ConnectionDeadlines {
    enum Phase { case arriving, idle, head, body, gathering, streaming, answering, lingering, closing }

    private(set) var phase = Phase.idle
    private let limits: EdgeLimits
    private let channel: any Channel
    private let clock: DeadlineClock
    private let progress: () -> SendProgress
    /// Of the phase; the far future when it has none.
    private var deadline = NIODeadline.distantFuture
    /// When it is looked at whether the client takes what it is sent; the far future when that is not asked.
    private var writeDeadline = NIODeadline.distantFuture
    /// What it had taken at the last such look; nil before the first.
    private var taken: UInt64?
    /// When the clock looks; nil when it does not.
    private var tenth: Int64?
    private var isClosed = false

    init(channel: any Channel, clock: DeadlineClock, limits: EdgeLimits, progress: @escaping () -> SendProgress) {
        self.channel = channel
        self.clock = clock
        self.limits = limits
        self.progress = progress
    }

    func closed() {
        isClosed = true
        if let tenth { clock.remove(self, at: tenth) }
        tenth = nil
    }

    func enter(_ phase: Phase) {
        if self.phase == .closing { writeDeadline = .distantFuture }
        self.phase = phase
        deadline =
            switch phase {
            case .arriving: clock.now + .init(limits.arriving)
            case .idle: clock.now + .init(limits.idle)
            case .head: clock.now + .init(limits.head)
            case .body: clock.now + .init(limits.body)
            case .gathering: clock.now + .init(limits.gathering)
            case .streaming: clock.now + .init(limits.idle)
            case .answering, .closing: .distantFuture
            case .lingering: clock.now + .init(limits.linger)
            }
        if phase == .closing { watch() } else { arm() }
    }

    /// Bytes of a streamed body came: they buy as much time as they may take, and never more than a body may pause.
    func came(_ count: Int) {
        guard phase == .streaming else { return }
        let bought = TimeAmount.nanoseconds(Int64(count) * 1_000_000_000 / Int64(limits.leastRate))
        deadline = min(deadline + bought, clock.now + .init(limits.idle))
        arm()
    }

    func writabilityChanged(isWritable: Bool) {
        // What closes is watched to the end.
        guard phase != .closing else { return }
        if isWritable { writeDeadline = .distantFuture } else { watch() }
    }

    /// Half of the time that a client may take nothing: what it has taken is compared with the look before.
    private var halfTime: TimeAmount { .nanoseconds(TimeAmount(limits.unread).nanoseconds / 2) }

    private func watch() {
        taken = nil
        writeDeadline = clock.now + halfTime
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
        guard isInTime() else { return channel.close(promise: nil) }
        arm()
    }

    private func isInTime() -> Bool {
        let now = clock.now
        if writeDeadline <= now {
            let progress = progress()
            let least = UInt64(Int64(limits.leastRate) * halfTime.nanoseconds / 1_000_000_000)
            guard taken.map({ progress.taken >= $0 + least }) ?? true || !progress.isOwed else { return false }
            taken = progress.taken
            writeDeadline = progress.isOwed || phase == .closing ? now + halfTime : .distantFuture
        }
        guard deadline <= now else { return true }
        // The client is silent, but has not got all of the last answer yet.
        guard phase == .idle, progress().isOwed else { return false }
        deadline = now + .init(limits.idle)
        if writeDeadline == .distantFuture { watch() }
        return true
    }
}

@available(*, unavailable)
extension ConnectionDeadlines: Sendable {}
