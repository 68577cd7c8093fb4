import Dispatch
import Foundation
import Identity
import Synchronization

/// Threads with a connection each, and the one line that waits for them.
///
/// Nobody waits long: who is not served within `patience` is refused, and while the server is known to be gone everybody is, at once,
/// until the one that looks for it has found it again. Work that was lost with its connection is done once more on a new one.
final class PostgresPool: Sendable {
    /// How an attempt ended.
    enum Ending: Sendable {
        case answered
        /// The connection went before the work was done, and the work may be done again.
        case lost(StoreError)
    }

    struct Work: Sendable {
        let attempt: @Sendable (PostgresConnection) -> Ending
        let refuse: @Sendable (StoreError) -> Void
        let arrival = ContinuousClock.now
    }

    private struct Line {
        var waiting: [Work] = []
        var connected = 0
        /// Why nobody is served now.
        var outage: StoreError?
        var isWatched = false
        var isClosed = false
        var threads = 0
        var whenEnded: [CheckedContinuation<Void, Never>] = []
    }

    private static let patience: Duration = .seconds(3)
    private static let longestLine = 4096
    private let address: PostgresAddress
    private let count: Int
    private let line = Mutex(Line())
    private let arrivals = DispatchSemaphore(value: 0)
    private let watching = DispatchSemaphore(value: 0)

    /// Connects when there is work.
    init(_ address: PostgresAddress, name: String, count: Int) {
        self.address = address
        self.count = count
        line.withLock { $0.threads = count + 1 }
        for number in 1...count { start("store-\(name)-\(number)") { [self] in serve(number) } }
        start("store-\(name)-watch") { [self] in watch() }
    }

    /// Refuses at once when nobody would serve it.
    func submit(_ work: Work) {
        let (refusal, wakes): (StoreError?, Bool) = line.withLock { line in
            if line.isClosed { return (.unavailable("closed"), false) }
            if let outage = line.outage { return (outage, false) }
            if line.waiting.count >= Self.longestLine { return (Self.busy, false) }
            line.waiting.append(work)
            defer { line.isWatched = true }
            return (nil, !line.isWatched)
        }
        if let refusal { return work.refuse(refusal) }
        arrivals.signal()
        if wakes { watching.signal() }
    }

    /// Refuses what comes from now on and returns when all that came before is answered and every connection closed.
    func close() async {
        await withCheckedContinuation { continuation in
            let (isFirst, isOver) = line.withLock { line in
                defer { line.isClosed = true }
                if line.threads > 0 { line.whenEnded.append(continuation) }
                return (!line.isClosed, line.threads == 0)
            }
            if isOver { continuation.resume() }
            guard isFirst else { return }
            for _ in 0..<count { arrivals.signal() }
            watching.signal()
        }
    }

    private static let busy = StoreError.unavailable("every connection to the database is busy")

    // MARK: Serving

    private func serve(_ number: Int) {
        var connection: PostgresConnection?
        while true {
            arrivals.wait()
            let (work, ends) = line.withLock { line in
                line.waiting.isEmpty ? (nil, line.isClosed) : (line.waiting.removeFirst(), false)
            }
            if ends { break }
            guard let work, !run(work, on: &connection) else { continue }
            // Others serve meanwhile.
            usleep(UInt32(150_000 + 20_000 * (number % 8)))
        }
        drop(&connection)
        ended()
    }

    /// False when no connection came about.
    private func run(_ work: Work, on connection: inout PostgresConnection?) -> Bool {
        for isLast in [false, true] {
            if connection?.stillStands() == false { drop(&connection) }
            if connection == nil {
                do {
                    connection = try PostgresConnection.open(address)
                    line.withLock { $0.connected += 1 }
                } catch {
                    giveBack(work, after: Self.reason(error))
                    return false
                }
            }
            guard let current = connection else { return false }
            guard case .lost(let reason) = work.attempt(current) else { return true }
            drop(&connection)
            if isLast { work.refuse(reason) }
        }
        return true
    }

    private func drop(_ connection: inout PostgresConnection?) {
        guard connection != nil else { return }
        connection = nil
        line.withLock { $0.connected -= 1 }
    }

    /// Leaves work to those who are connected; when nobody is, everybody is refused until the server is back.
    private func giveBack(_ work: Work, after reason: StoreError) {
        let refused = line.withLock { line in
            let isPatient = ContinuousClock.now - work.arrival < Self.patience
            if line.connected > 0 {
                guard isPatient else { return [work] }
                line.waiting.insert(work, at: 0)
                return []
            }
            defer { line.waiting.removeAll() }
            line.outage = reason
            line.isWatched = true
            return [work] + line.waiting
        }
        if refused.isEmpty { arrivals.signal() } else { watching.signal() }
        for work in refused { work.refuse(reason) }
    }

    private static func reason(_ error: any Error) -> StoreError {
        .unavailable("the database server: \((error as? PostgresRefusal)?.reason ?? "it cannot be reached")")
    }

    // MARK: Watching

    /// Refuses who waits too long, and looks for a server that is gone.
    private func watch() {
        while !line.withLock({ $0.isClosed && $0.waiting.isEmpty }) {
            if line.withLock({ $0.outage != nil && !$0.isClosed }) {
                seek()
                continue
            }
            let late = line.withLock { line in
                let now = ContinuousClock.now
                let late = line.waiting.prefix { now - $0.arrival >= Self.patience }
                line.waiting.removeFirst(late.count)
                line.isWatched = !line.waiting.isEmpty
                return (Array(late), line.isWatched)
            }
            for work in late.0 { work.refuse(Self.busy) }
            _ = late.1 ? watching.wait(timeout: .now() + .milliseconds(100)) : watching.wait(timeout: .distantFuture)
        }
        ended()
    }

    private func seek() {
        var pause = 50
        while line.withLock({ !$0.isClosed }) {
            do {
                _ = try PostgresConnection.open(address)
                line.withLock { $0.outage = nil }
                return
            } catch {
                let reason = Self.reason(error)
                line.withLock { $0.outage = reason }
            }
            // Many instances look for it at the same time: a few milliseconds apart, by the last digits of the clock.
            let spread = Int(DispatchTime.now().uptimeNanoseconds / 1000 % UInt64(pause))
            _ = watching.wait(timeout: .now() + .milliseconds(pause + spread / 2))
            pause = min(500, pause * 2)
        }
    }

    // MARK: Threads

    private func start(_ name: String, _ body: @escaping @Sendable () -> Void) {
        let thread = Thread(block: body)
        thread.name = name
        thread.start()
    }

    private func ended() {
        let waiters = line.withLock { line in
            line.threads -= 1
            guard line.threads == 0 else { return [CheckedContinuation<Void, Never>]() }
            defer { line.whenEnded.removeAll() }
            return line.whenEnded
        }
        for waiter in waiters { waiter.resume() }
    }
}
