import Logging
import Mail
import Synchronization
import Testing

struct OutboxOverSMTPTests {
    private let clock = HandClock()
    private let outbox = MemoryOutbox()

    @Test func `through an hour of every fault each mail arrives once, and the backlog within 2 minutes of the return`() async throws {
        let peer = Held(try SMTPPeer())
        for index in 0..<60 { outbox.put(try .sample(id: "m\(index)"), createdAt: .second(Double(index) * 55)) }
        try peer.use { try $0.goDown() }
        // The hour, by the hand clock: closed port, back, closed, not-now, lost half way, closed, and good again.
        let turns: [(at: Double, turn: @Sendable (SMTPPeer) throws -> Void)] = [
            (600, { try $0.comeBack() }), (900, { try $0.goDown() }), (1_200, { try $0.comeBack() }), (1_200, { try $0.mode("tempfail") }),
            (1_800, { try $0.mode("drop") }), (2_400, { try $0.goDown() }), (3_600, { try $0.mode("accept") }),
            (3_600, { try $0.comeBack() }),
        ]
        let next = Mutex(0)
        clock.afterSleep { now in
            try next.withLock { next in
                while next < turns.count, now >= .second(turns[next].at) {
                    try peer.use(turns[next].turn)
                    next += 1
                }
            }
        }
        try await run(peer.use { try $0.transport() })
        let ids = try peer.use { try $0.report() }.messages.map(\.messageID)
        #expect(ids.count == 60)
        #expect(Set(ids) == Set((0..<60).map { "<m\($0)@example.com>" }))
        for (id, entry) in outbox.entries {
            guard case .sent(let moment) = entry.status else {
                Issue.record("\(id): \(entry.status)")
                continue
            }
            #expect(moment <= .second(3_720), "\(id)")
        }
    }

    @Test func `a refusal for good stops after one try and is visible`() async throws {
        let peer = try SMTPPeer()
        try peer.mode("permfail", count: 1)
        outbox.put(try .sample(id: "bad", to: "bad@example.org"), createdAt: .second(-2))
        outbox.put(try .sample(id: "good"), createdAt: .second(-1))
        try await run(peer.transport())
        #expect(outbox["bad"]?.status == .failed("the mail server answered 550"))
        #expect(try peer.report().attempts == ["bad@example.org", "ada@example.org"])
    }

    @Test func `a copy made by a server that took the mail and hung up has the same Message-ID`() async throws {
        let peer = try SMTPPeer()
        for index in 0..<10 { outbox.put(try .sample(id: "m\(index)"), createdAt: .second(-1)) }
        try peer.mode("accept_then_drop", count: 4)
        try await run(peer.transport())
        let messages = try peer.report().messages
        #expect(messages.count == 14)
        #expect(Set(messages.map(\.messageID)) == Set((0..<10).map { "<m\($0)@example.com>" }))
        for copies in Dictionary(grouping: messages, by: \.messageID).values { #expect(Set(copies.map(\.raw)).count == 1) }
        #expect(outbox.entries.values.allSatisfy { $0.status != .waiting })
    }

    @Test func `a server that hangs on one mail delays the others by its timeout alone`() async throws {
        let peer = try SMTPPeer()
        try peer.mode("hang", count: 1)
        for index in 0..<5 { outbox.put(try .sample(id: "m\(index)"), createdAt: .second(-1)) }
        try await run(peer.transport(timeout: .milliseconds(500)))
        let ids = try peer.report().messages.map(\.messageID)
        #expect(ids == [1, 2, 3, 4, 0].map { "<m\($0)@example.com>" })
    }

    @Test(arguments: ["relay_tempfail", "drop_rcpt", "closing_rcpt", "tempfail"])
    func `a mail that the server refuses for now keeps no other from being sent`(mode: String) async throws {
        let peer = try SMTPPeer()
        try peer.poison(mode)
        for index in 0..<20 {
            outbox.put(try .sample(id: "bad\(index)", to: "p\(index)@evil.example"), createdAt: .second(-9), expiresAt: .second(300))
        }
        for index in 0..<5 { outbox.put(try .sample(id: "good\(index)"), createdAt: .second(Double(index) * 30)) }
        try await run(peer.transport())
        for index in 0..<5 {
            guard case .sent(let moment) = outbox["good\(index)"]?.status else {
                Issue.record("\(index): \(String(describing: outbox["good\(index)"]?.status))")
                continue
            }
            #expect(moment - .second(Double(index) * 30) <= 5_000_000, "\(index)")
        }
        #expect(outbox.entries.values.filter { $0.row.id.hasPrefix("bad") }.allSatisfy { (5...7).contains($0.row.attempts) })
    }

    @Test func `mails that the server is slow to refuse keep no other from being sent`() async throws {
        let peer = try SMTPPeer()
        try peer.poison("hang")
        for index in 0..<3 { outbox.put(try .sample(id: "bad\(index)", to: "p\(index)@evil.example"), createdAt: .second(-9)) }
        outbox.put(try .sample(id: "good"), createdAt: .second(-1))
        var policy = OutboxPolicy()
        policy.patience = .milliseconds(20)
        let start = ContinuousClock.now
        // None of the slow ones has ended: each has its whole timeout before it.
        let worker = OutboxWorker(
            outbox: outbox, transport: try peer.transport(timeout: .seconds(300)), policy: policy,
            log: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
            now: { HandClock.start + Int64((ContinuousClock.now - start) / .microseconds(1)) }, sleep: { try await Task.sleep(for: $0) })
        let run = Task { await worker.run() }
        await outbox.settled("good")
        run.cancel()
        #expect((0..<3).map { outbox["bad\($0)"]?.row.attempts } == [0, 0, 0])
        try peer.letGo()
        await run.value
        #expect((0..<3).map { outbox["bad\($0)"]?.row.attempts } == [1, 1, 1])
    }

    private func run(_ transport: some MailTransport) async throws {
        let worker = OutboxWorker(
            outbox: outbox, transport: transport, policy: .oneByOne, log: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
            now: { [clock] in clock.now },
            sleep: clock.sleep)
        let run = Task { await worker.run() }
        await outbox.settled()
        run.cancel()
        await run.value
    }

    // A server that the clock's hook may turn from any task, one at a time.
    private final class Held: Sendable {
        private let peer: Mutex<SMTPPeer>

        init(_ peer: sending SMTPPeer) {
            self.peer = Mutex(peer)
        }

        func use<Result: Sendable>(_ body: (SMTPPeer) throws -> Result) throws -> Result {
            try peer.withLock { try body($0) }
        }
    }
}
