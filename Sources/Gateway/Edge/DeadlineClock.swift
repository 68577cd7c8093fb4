import NIOCore

/// One event loop's connections by the moment at which each is to be looked at.
///
/// Rounded up to a tenth of a second, with one timer for each tenth that anybody waits for: taking a timer back costs a look at all others, so
/// none ever is, and neither a request nor a connection costs more where ten thousand others are open.
final class DeadlineClock {
    static let tick = TimeAmount.milliseconds(100)

    private let loop: any EventLoop
    /// A tenth stays until its timer fires, be it empty.
    private var tenths: [Int64: [ObjectIdentifier: ConnectionDeadlines]] = [:]

    init(loop: any EventLoop) { self.loop = loop }

    var now: NIODeadline { loop.now }

    /// The first tenth that begins no sooner than a deadline.
    static func tenth(of deadline: NIODeadline) -> Int64 {
        let nanoseconds = Int64(clamping: deadline.uptimeNanoseconds)
        return nanoseconds / tick.nanoseconds + (nanoseconds % tick.nanoseconds == 0 ? 0 : 1)
    }

    func add(_ deadlines: ConnectionDeadlines, at tenth: Int64) {
        if tenths[tenth] == nil {
            let moment = NIODeadline.uptimeNanoseconds(UInt64(tenth * Self.tick.nanoseconds))
            loop.assumeIsolated().scheduleTask(deadline: moment) { self.fire(tenth) }
        }
        tenths[tenth, default: [:]][ObjectIdentifier(deadlines)] = deadlines
    }

    func remove(_ deadlines: ConnectionDeadlines, at tenth: Int64) {
        tenths[tenth]?[ObjectIdentifier(deadlines)] = nil
    }

    private func fire(_ tenth: Int64) {
        for deadlines in (tenths.removeValue(forKey: tenth) ?? [:]).values { deadlines.look() }
    }
}

@available(*, unavailable)
extension DeadlineClock: Sendable {}
