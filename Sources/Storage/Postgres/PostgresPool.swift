import Dispatch
import Foundation
import Identity
import Synchronization

/// Threads with a connection each, and the one line that waits for them.
///
/// Nobody waits longer than the terms of his work: not in the line, not for a connection that is being opened, not for a statement. While
/// the server is known to be gone everybody is refused at once, until the one that looks for it has found it again. Work that was lost
/// with its connection is done once more on a new one.
final class PostgresPool: Sendable {
    /// How an attempt ended.
    enum Ending: Sendable {
        case answered
        /// The connection went before the work was done, and the work may be done again.
        case lost(StoreError)
    }

    struct Work: Sendable {
        var terms: PostgresTerms
        let attempt: @Sendable (PostgresConnection, PostgresTerms) -> Ending
        let refuse: @Sendable (StoreError) -> Void
    }

    private struct Line {
        var waiting: [Work] = []
        /// Work whose thread opens a connection, which may take long; whoever takes it from here answers it.
        var connecting: [Int: Work] = [:]
        /// Since when threads have been at work for which somebody waits.
        var pressed: [Int: ContinuousClock.Instant] = [:]
        /// When the server last answered.
        var answered: ContinuousClock.Instant?
        var connected = 0
        /// Why nobody is served now.
        var outage: StoreError?
        /// Counts the times that the server fell silent: connections of before are not trusted any more.
        var age = 0
        var isWatched = false
        var isClosed = false
        var threads = 0
        var whenEnded: [CheckedContinuation<Void, Never>] = []

        /// Those to be refused when nobody is served any more.
        mutating func empty() -> [Work] {
            defer {
                waiting.removeAll()
                connecting.removeAll()
            }
            return waiting + connecting.values
        }
    }

    /// What a thread has of its own.
    private struct Seat {
        let number: Int
        var connection: PostgresConnection?
        var age = 0
    }

    /// Whoever has been with the server for so long makes us ask whether it has stopped.
    private static let doubt: Duration = .milliseconds(700)
    /// How long a server that is looked for may take to let us in.
    private static let greeting: Duration = .milliseconds(1500)
    /// How long an answer shows that the server has not stopped.
    private static let freshness: Duration = .milliseconds(250)
    private static let longestLine = 4096
    private let address: PostgresAddress
    private let probe: PostgresProbe
    private let count: Int
    private let line = Mutex(Line())
    private let arrivals = DispatchSemaphore(value: 0)
    private let watching = DispatchSemaphore(value: 0)

    /// Connects when there is work.
    init(_ address: PostgresAddress, probe: PostgresProbe, name: String, count: Int) {
        (self.address, self.probe, self.count) = (address, probe, count)
        line.withLock { $0.threads = count + 1 }
        probe.listen { [weak self] finding in
            switch finding {
            case .silence(let reason): self?.giveUp(reason)
            case .life: self?.takeUp()
            }
        }
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
        var seat = Seat(number: number)
        while true {
            arrivals.wait()
            let (work, ends): (Work?, Bool) = line.withLock { line in
                guard !line.waiting.isEmpty else { return (nil, line.isClosed) }
                var work = line.waiting.removeFirst()
                let now = ContinuousClock.now
                if work.terms.isPressing { line.pressed[number] = now }
                if let answered = line.answered, now - answered < Self.freshness { work.terms.renew() }
                return (work, false)
            }
            if ends { break }
            guard let work else { continue }
            let isServed = run(work, &seat)
            line.withLock { $0.pressed[number] = nil }
            // Others serve meanwhile.
            if !isServed { usleep(UInt32(150_000 + 20_000 * (number % 8))) }
        }
        drop(&seat)
        ended()
    }

    /// False when no connection came about.
    private func run(_ work: Work, _ seat: inout Seat) -> Bool {
        for isLast in [false, true] {
            if let connection = seat.connection, !connection.stillStands() || line.withLock({ $0.age != seat.age }) { drop(&seat) }
            if seat.connection == nil {
                switch connect(work, &seat) {
                case .connected: break
                case .answered: return true
                case .refused: return false
                }
            }
            guard let connection = seat.connection else { return false }
            let ending = work.attempt(connection, work.terms)
            // A connection that does not answer is given back now and not when somebody wants it.
            if connection.isSpent {
                if let session = connection.silentSession { probe.abandon(session) }
                drop(&seat)
            } else {
                line.withLock { $0.answered = .now }
            }
            guard case .lost(let reason) = ending else { return true }
            drop(&seat)
            if isLast || !work.terms.allowAnother {
                work.refuse(reason)
                return true
            }
        }
        return true
    }

    private enum Opening {
        case connected
        /// It is there, too late for this work.
        case answered
        case refused
    }

    private func connect(_ work: Work, _ seat: inout Seat) -> Opening {
        let number = seat.number
        let outage = line.withLock { line in
            if line.outage == nil { line.connecting[number] = work }
            return line.outage
        }
        if let outage {
            work.refuse(outage)
            return .refused
        }
        do {
            let connection = try PostgresConnection.open(address)
            let (isOurs, age) = line.withLock { line in
                line.connected += 1
                return (line.connecting.removeValue(forKey: number) != nil, line.age)
            }
            (seat.connection, seat.age) = (connection, age)
            return isOurs ? .connected : .answered
        } catch {
            giveBack(number, after: StoreError(error))
            return .refused
        }
    }

    private func drop(_ seat: inout Seat) {
        guard seat.connection != nil else { return }
        seat.connection = nil
        line.withLock { $0.connected -= 1 }
    }

    /// Leaves work to those who are connected; when nobody is, everybody is refused until the server is back.
    private func giveBack(_ number: Int, after reason: StoreError) {
        let refused = line.withLock { line in
            guard line.connected > 0 else {
                line.outage = reason
                line.isWatched = true
                return line.empty()
            }
            guard let work = line.connecting.removeValue(forKey: number) else { return [] }
            guard work.terms.allowAnother else { return [work] }
            line.waiting.insert(work, at: 0)
            return []
        }
        if refused.isEmpty { arrivals.signal() }
        watching.signal()
        for work in refused { work.refuse(reason) }
    }

    /// Everybody is refused from now on, and no connection of before is used again: the server does not answer.
    private func giveUp(_ reason: StoreError) {
        let refused = line.withLock { line in
            guard line.outage == nil, !line.isClosed else { return [Work]() }
            line.outage = reason
            line.age += 1
            line.isWatched = true
            return line.empty()
        }
        watching.signal()
        for work in refused { work.refuse(reason) }
    }

    private func takeUp() {
        line.withLock { $0.outage = nil }
        watching.signal()
    }

    // MARK: Watching

    /// Refuses who waits too long, doubts a server that lets others wait, and looks for one that is gone.
    private func watch() {
        while !line.withLock({ $0.isClosed && $0.waiting.isEmpty && $0.connecting.isEmpty }) {
            if line.withLock({ $0.outage != nil && !$0.isClosed }) {
                seek()
                continue
            }
            let (late, isSlow, isWatched) = line.withLock { line in
                let now = ContinuousClock.now
                let answered = line.answered
                var late = line.waiting.filter { $0.terms.isOver(at: now, answered: answered) }
                if !late.isEmpty { line.waiting.removeAll { $0.terms.isOver(at: now, answered: answered) } }
                for (number, work) in line.connecting where work.terms.deadline <= now {
                    line.connecting[number] = nil
                    late.append(work)
                }
                let isSlow = line.pressed.values.contains { now - $0 >= Self.doubt }
                line.isWatched = !(line.waiting.isEmpty && line.pressed.isEmpty && line.connecting.isEmpty)
                return (late, isSlow, line.isWatched)
            }
            for work in late { work.refuse(Self.busy) }
            if isSlow { probe.doubt() }
            _ = isWatched ? watching.wait(timeout: .now() + .milliseconds(100)) : watching.wait(timeout: .distantFuture)
        }
        ended()
    }

    private func seek() {
        var pause = 50
        while line.withLock({ $0.outage != nil && !$0.isClosed }) {
            do {
                probe.endAbandoned(on: try PostgresConnection.open(address, within: min(Self.greeting, address.patience)))
                return probe.tell(.life)
            } catch {
                // Another may have found it meanwhile.
                line.withLock { if $0.outage != nil { $0.outage = StoreError(error) } }
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
