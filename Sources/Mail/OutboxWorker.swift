package import Logging

/// Carries mails from the outbox to a transport, in the order in which they are due, a few at once when some are slow.
///
/// At least once, and never twice for one row unless the process died between the send and its mark, however its clock is set. Neither clock
/// nor storage is its own, so a test moves time by hand. The log has one line for each event: the row's id, the masked recipient, the reason.
package struct OutboxWorker: Sendable {
    private let outbox: any MailOutbox
    private let transport: any MailTransport
    private let policy: OutboxPolicy
    private let log: Logger
    private let now: @Sendable () -> Int64
    private let sleep: @Sendable (Duration) async throws -> Void
    private let signal = WakeSignal()
    private let traffic: OutboxTraffic
    /// What became of mails so far.
    package let meter = MailMeter()

    /// A worker that does nothing before ``run()``.
    ///
    /// `now` gives microseconds since 1970. `sleep` waits, and throws when its task is cancelled, as `Task.sleep(for:)` does.
    package init(
        outbox: any MailOutbox,
        transport: any MailTransport,
        policy: OutboxPolicy = OutboxPolicy(),
        log: Logger,
        now: @escaping @Sendable () -> Int64,
        sleep: @escaping @Sendable (Duration) async throws -> Void
    ) {
        self.outbox = outbox
        self.transport = transport
        self.policy = policy
        self.log = log
        self.now = now
        self.sleep = sleep
        traffic = OutboxTraffic(policy)
    }

    /// Says that a row was put into the outbox, so that it is sent at once.
    ///
    /// Cheap, and safe from anywhere. A pause that spares a server which is down is not cut short by it.
    package func wake() {
        signal.wake()
    }

    /// Sends until its task is cancelled; mails under way are then still finished and marked.
    ///
    /// A worker runs once.
    package func run() async {
        await withTaskCancellationHandler {
            await withDiscardingTaskGroup { group in
                while !Task.isCancelled {
                    await traffic.room(now: now, sleep: sleep)
                    let pause = traffic.pace { $0.pause(now: now()) }
                    if pause > .zero, (try? await sleep(pause)) == nil { return }
                    guard !Task.isCancelled else { return }
                    guard let row = await next() else {
                        await idle()
                        continue
                    }
                    let start = now()
                    let number = traffic.begin(row.id, at: start)
                    group.addTask {
                        // In a task of its own, which a shutdown does not cancel: the send and its mark stay together.
                        await Task { await deliver(row, start: start) }.value
                        traffic.end(number)
                    }
                }
            }
        } onCancel: {
            signal.stop()
            traffic.stop()
        }
    }

    private func idle() async {
        await signal.wait { try? await sleep(policy.poll) }
    }

    // A claim that a shutdown cancels half way might be made all the same, and its mail would wait for the end of its lease.
    private func next() async -> OutboxRow? {
        await Task {
            do {
                while true {
                    // Read before the claim: afterwards one of them may have been sent.
                    let inHand = traffic.rows
                    let start = now()
                    let row = try await outbox.claim(now: start, until: start + policy.lease.microseconds)
                    if row == nil { traffic.pace { $0.drained() } }
                    // A clock that was set forward ends a lease, and not what is done under it.
                    guard let row, inHand.contains(row.id) else { return row }
                }
            } catch {
                log.error("the outbox cannot be read", metadata: ["error": "\(type(of: error))"])
                return nil
            }
        }.value
    }

    private func deliver(_ row: OutboxRow, start: Int64) async {
        let line = LogLine(log: log, row: row)
        if let expiresAt = row.expiresAt, expiresAt <= start {
            await fail(row, attempts: row.attempts, "expired before it could be sent", line)
            return
        }
        do {
            let message = try MailMessage(decoding: row.payload)
            await send(message, of: row, line.to(message.to))
        } catch {
            await fail(row, attempts: row.attempts, error.reason, line)
        }
    }

    private func send(_ message: MailMessage, of row: OutboxRow, _ line: LogLine) async {
        let attempts = row.attempts + 1
        traffic.pace { $0.started(at: now()) }
        do {
            try await transport.send(message)
            traffic.pace { $0.answered(wasRetry: row.attempts > 0) }
            meter.sent()
            await mark(line) { try await outbox.sent(row.id, now: now()) }
            line.write(.info, "mail sent", attempts: attempts)
        } catch {
            switch error {
            case .permanent(let reason), .invalid(let reason):
                traffic.pace { $0.answered(wasRetry: row.attempts > 0) }
                await fail(row, attempts: attempts, reason, line)
            case .temporary(let reason):
                traffic.pace { $0.answered(wasRetry: true) }
                let delay = policy.delay(attempts: attempts, longest: policy.longestDelay)
                await postpone(row, attempts: attempts, by: delay, reason, line)
            case .unreachable(let reason):
                let delay = traffic.pace { $0.silent(attempts: attempts, now: now()) }
                await postpone(row, attempts: attempts, by: delay, reason, line)
            }
        }
    }

    private func postpone(_ row: OutboxRow, attempts: Int, by delay: Duration, _ reason: String, _ line: LogLine) async {
        let current = now()
        guard current - row.createdAt < policy.lifetime.microseconds else {
            await fail(row, attempts: attempts, "given up: \(reason)", line)
            return
        }
        meter.postponed()
        await mark(line) {
            try await outbox.postpone(row.id, until: current + delay.microseconds, reason: reason)
        }
        line.write(.notice, "mail postponed", attempts: attempts, reason: reason)
    }

    private func fail(_ row: OutboxRow, attempts: Int, _ reason: String, _ line: LogLine) async {
        meter.failed()
        await mark(line) { try await outbox.fail(row.id, reason: reason, now: now()) }
        line.write(.error, "mail failed", attempts: attempts, reason: reason)
    }

    // What was done must be written down before anything else is, however long the storage is away; or the row would go out again.
    private func mark(_ line: LogLine, _ write: () async throws -> Void) async {
        var hasFailed = false
        defer { if hasFailed { traffic.hasWritten() } }
        while true {
            do {
                return try await write()
            } catch {
                if !hasFailed { traffic.cannotWrite() }
                hasFailed = true
                line.write(.error, "the outbox cannot be written", reason: "\(type(of: error))")
                guard !signal.isStopped, (try? await sleep(policy.poll)) != nil else { return }
            }
        }
    }

    // Names a row in the log without its subject, its texts or its full recipient.
    private struct LogLine {
        let log: Logger
        let row: OutboxRow
        var recipient: String?

        func to(_ address: MailAddress) -> LogLine {
            LogLine(log: log, row: row, recipient: address.masked)
        }

        func write(_ level: Logger.Level, _ event: Logger.Message, attempts: Int? = nil, reason: String? = nil) {
            var metadata: Logger.Metadata = ["mail": "\(row.id)"]
            metadata["to"] = recipient.map { "\($0)" }
            metadata["attempts"] = attempts.map { "\($0)" }
            metadata["reason"] = reason.map { "\($0)" }
            log.log(level: level, event, metadata: metadata)
        }
    }
}
