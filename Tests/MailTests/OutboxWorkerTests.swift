import Logging
import Mail
import Synchronization
import TestSupport
import Testing

struct OutboxWorkerTests {
    private let clock = HandClock()
    private let outbox = MemoryOutbox()

    @Test func `mails go oldest first, once each`() async throws {
        for index in [3, 1, 2, 0] { outbox.put(try .sample(id: "m\(index)"), createdAt: .second(Double(index) - 10)) }
        let transport = ScriptedTransport(clock)
        await run(transport)
        #expect(transport.tries.map(\.id) == ["m0", "m1", "m2", "m3"])
    }

    @Test func `a not-now is tried again after 5 s, doubling to 10 min`() async throws {
        outbox.put(try .sample(id: "one"), createdAt: .second(0))
        let transport = ScriptedTransport(clock) { _, attempt, _ in attempt <= 10 ? .temporary("451") : nil }
        await run(transport)
        let gaps = zip(transport.tries, transport.tries.dropFirst()).map { ($1.at - $0.at) / 1_000_000 }
        #expect(gaps == [5, 10, 20, 40, 80, 160, 320, 600, 600, 600])
    }

    @Test func `a mail that was put off goes behind those that are due before it`() async throws {
        // All due at once; at 20 a second they take 10 s.
        for index in 0..<2 { outbox.put(try .sample(id: "bad\(index)"), createdAt: .second(-9), expiresAt: .second(60)) }
        for index in 0..<200 { outbox.put(try .sample(id: "m\(index)"), createdAt: .second(-1)) }
        let transport = ScriptedTransport(clock) { message, _, _ in message.id.hasPrefix("bad") ? .temporary("451") : nil }
        await run(transport)
        let last = try #require(transport.tries.lastIndex { $0.id.hasPrefix("m") })
        #expect(transport.tries[2...last].filter { $0.id.hasPrefix("bad") } == [])
    }

    @Test func `while a server is away mails take turns`() async throws {
        for index in 0..<10 { outbox.put(try .sample(id: "m\(index)"), createdAt: .second(-2)) }
        let transport = ScriptedTransport(clock) { _, _, now in now < .second(400) ? .unreachable("refused") : nil }
        await run(transport)
        #expect(Set(transport.tries.prefix(10).map(\.id)).count == 10)
    }

    @Test(.timeLimit(.minutes(5))) func `a slow mail holds up no other`() async throws {
        for index in 0..<3 { outbox.put(try .sample(id: "slow\(index)"), createdAt: .second(-2)) }
        outbox.put(try .sample(id: "one"), createdAt: .second(-1))
        let transport = HoldingTransport { $0.id.hasPrefix("slow") }
        let run = Task { await hurried(transport).run() }
        await outbox.settled("one")
        #expect((0..<3).allSatisfy { outbox["slow\($0)"]?.status == .waiting })
        outbox.put(try .sample(id: "two"), createdAt: .second(0))
        await outbox.settled("two")
        transport.open()
        await outbox.settled()
        run.cancel()
        await run.value
    }

    @Test(.timeLimit(.minutes(5)))
    func `no more mails are under way at once than there are senders, and a stop lets all of them finish`() async throws {
        for index in 0..<5 { outbox.put(try .sample(id: "m\(index)"), createdAt: .second(Double(index) - 9)) }
        let transport = HoldingTransport { _ in true }
        let run = Task { await hurried(transport).run() }
        await transport.holds(4)
        run.cancel()
        try await Task.sleep(for: .milliseconds(50))
        #expect(transport.held.sorted() == ["m0", "m1", "m2", "m3"])
        transport.open()
        await run.value
        #expect((0..<5).map { outbox["m\($0)"]?.status == .waiting } == [false, false, false, false, true])
    }

    @Test func `a not-now for one mail holds up no other`() async throws {
        outbox.put(try .sample(id: "bad"), createdAt: .second(-2))
        for index in 0..<20 { outbox.put(try .sample(id: "m\(index)"), createdAt: .second(-1)) }
        let transport = ScriptedTransport(clock) { message, attempt, _ in message.id == "bad" && attempt < 4 ? .temporary("451") : nil }
        await run(transport)
        #expect(transport.tries.filter { $0.id != "bad" }.allSatisfy { $0.at < .second(2) })
        #expect(transport.tries.count == 24)
    }

    @Test func `a mail that breaks each connection is tried ever less and holds up no other`() async throws {
        outbox.put(try .sample(id: "bad"), createdAt: .second(-2))
        for index in 0..<100 { outbox.put(try .sample(id: "m\(index)"), createdAt: .second(Double(index))) }
        let transport = ScriptedTransport(clock) { message, _, now in message.id == "bad" && now < .second(90) ? .unreachable("lost") : nil
        }
        await run(transport)
        let late = transport.tries.filter { $0.id != "bad" }.map { $0.at - outbox[$0.id]!.row.createdAt }
        #expect((late.max() ?? .max) < 3_000_000)
        #expect(transport.tries.filter { $0.id == "bad" }.count <= 6)
    }

    @Test(arguments: [MailFault.permanent("the mail server answered 550"), .invalid("to: bad")])
    func `a refusal for good ends a mail after one try, visibly`(fault: MailFault) async throws {
        outbox.put(try .sample(id: "one"), createdAt: .second(0))
        let transport = ScriptedTransport(clock) { _, _, _ in fault }
        await run(transport)
        #expect(transport.tries.count == 1)
        #expect(outbox["one"]?.status == .failed(fault.reason))
    }

    @Test(arguments: [MailFault.temporary("451"), .unreachable("refused")])
    func `a mail is given up after a day, not before`(fault: MailFault) async throws {
        outbox.put(try .sample(id: "one"), createdAt: .second(0))
        let transport = ScriptedTransport(clock) { _, _, _ in fault }
        var policy = OutboxPolicy.oneByOne
        policy.poll = .seconds(60)
        await run(transport, policy: policy)
        #expect(outbox["one"]?.status == .failed("given up: \(fault.reason)"))
        let last = try #require(transport.tries.last)
        #expect((Int64.second(86_400)...Int64.second(87_060)).contains(last.at))
    }

    @Test func `what has expired is never mailed late`() async throws {
        outbox.put(try .sample(id: "expired"), createdAt: .second(-700), expiresAt: .second(0))
        outbox.put(try .sample(id: "lasting"), createdAt: .second(-700), expiresAt: .second(0.000_001))
        outbox.put(try .sample(id: "expiring"), createdAt: .second(-600), expiresAt: .second(4))
        let transport = ScriptedTransport(clock) { message, _, _ in message.id == "expiring" ? .temporary("451") : nil }
        await run(transport)
        #expect(transport.tries.map(\.id) == ["lasting", "expiring"])
        #expect(outbox["expired"]?.status == .failed("expired before it could be sent"))
        #expect(outbox["expiring"]?.status == .failed("expired before it could be sent"))
    }

    @Test func `a row that cannot be read fails and holds up no other`() async throws {
        outbox.put(OutboxRow(id: "spoilt", attempts: 0, createdAt: .second(-1), expiresAt: nil, payload: [1, 2, 3]))
        outbox.put(try .sample(id: "sound"), createdAt: .second(0))
        let transport = ScriptedTransport(clock)
        await run(transport)
        #expect(transport.tries.map(\.id) == ["sound"])
        #expect(outbox["spoilt"]?.status == .failed("stored mail: cut short"))
    }

    @Test func `a server that is down is asked seldom, and after its return every mail arrives within 2 minutes, at most 20 a second`()
        async throws
    {
        for index in 0..<500 { outbox.put(try .sample(id: "m\(index)"), createdAt: .second(Double(index) * 7)) }
        let transport = ScriptedTransport(clock) { _, _, now in now < .second(3_600) ? .unreachable("refused") : nil }
        await run(transport)
        let (before, after) = (transport.tries.filter { $0.at < .second(3_600) }, transport.tries.filter { $0.at >= .second(3_600) })
        #expect((60...80).contains(before.count))
        #expect(after.count == 500)
        #expect(Set(after.map(\.id)).count == 500)
        #expect(after.map(\.at).max() ?? .max <= .second(3_720))
        for (one, later) in zip(after, after.dropFirst(20)) { #expect(later.at - one.at >= 1_000_000) }
        let untried = after.map(\.id).filter { id in !before.contains { $0.id == id } }
        #expect(untried == untried.sorted { Int($0.dropFirst())! < Int($1.dropFirst())! })
    }

    @Test func `a sound server gets new mails without a brake`() async throws {
        let transport = ScriptedTransport(clock)
        clock.afterSleep { [outbox, clock] _ in
            guard outbox.entries.count == 1 else { return }
            for index in 0..<100 { outbox.put(try .sample(id: "m\(index)"), createdAt: clock.now) }
            outbox.put(try .sample(id: "last"), createdAt: clock.now)
        }
        outbox.put(try .sample(id: "first"), createdAt: .second(0.5))
        await run(transport)
        #expect(transport.tries.count == 102)
        #expect(Set(transport.tries.dropFirst().map(\.at)).count <= 3)
    }

    @Test func `a sent mail whose mark fails is marked again, never sent again`() async throws {
        outbox.put(try .sample(id: "one"), createdAt: .second(0))
        outbox.put(try .sample(id: "two"), createdAt: .second(0))
        let transport = ScriptedTransport(clock) { [outbox] message, attempt, _ in
            if message.id == "one", attempt == 1 { outbox.breakDown(calls: 5) }
            return nil
        }
        await run(transport)
        #expect(transport.tries.map(\.id) == ["one", "two"])
        #expect(outbox["one"]?.status == .sent(at: .second(5)))
    }

    @Test func `an outbox that cannot be read is read again`() async throws {
        outbox.put(try .sample(id: "one"), createdAt: .second(0))
        outbox.breakDown(calls: 3)
        let transport = ScriptedTransport(clock)
        await run(transport)
        #expect(transport.tries == [.init(id: "one", at: .second(3))])
    }

    @Test func `two workers on one outbox send each mail once`() async throws {
        for index in 0..<200 { outbox.put(try .sample(id: "m\(index)"), createdAt: .second(-1)) }
        let transport = ScriptedTransport(clock)
        async let one: Void = run(transport)
        async let two: Void = run(transport)
        _ = await (one, two)
        #expect(transport.tries.count == 200)
        #expect(Set(transport.tries.map(\.id)).count == 200)
    }

    @Test func `a row whose worker died comes back after its lease`() async throws {
        outbox.put(try .sample(id: "one"), createdAt: .second(0))
        _ = try await outbox.claim(now: .second(0), until: .second(120))
        let transport = ScriptedTransport(clock)
        await run(transport)
        #expect(transport.tries == [.init(id: "one", at: .second(120))])
    }

    @Test(.timeLimit(.minutes(5)))
    func `a mail under way is not sent again when the clock is set forward, and the others go on`() async throws {
        outbox.put(try .sample(id: "slow"), createdAt: .second(-1))
        let transport = HoldingTransport { $0.id == "slow" }
        let ahead = Mutex<Int64>(0)
        let run = Task { await hurried(transport, ahead: { ahead.withLock(\.self) }).run() }
        await transport.holds(1)
        ahead.withLock { $0 = 150_000_000 }
        // Due later than the slow one, so a claim gives that one first.
        outbox.put(try .sample(id: "next"), createdAt: .second(149))
        await outbox.settled("next")
        transport.open()
        await outbox.settled()
        run.cancel()
        await run.value
        #expect(transport.taken.sorted() == ["next", "slow"])
    }

    @Test func `a wake ends the wait at once, and a stop lets the mail under way finish`() async throws {
        let transport = GatedTransport()
        // A sleep without end: only a wake can start the mail, only a cancellation end the run.
        let worker = OutboxWorker(outbox: outbox, transport: transport, log: quiet, now: { [clock] in clock.now }) { _ in
            try await Task.sleep(for: .seconds(3_600))
        }
        let run = Task { await worker.run() }
        outbox.put(try .sample(id: "one"), createdAt: .second(0))
        worker.wake()
        await transport.arrived()
        run.cancel()
        worker.wake()
        transport.open()
        await run.value
        #expect(outbox["one"]?.status == .sent(at: .second(0)))
    }

    @Test func `a stop ends a worker that waits`() async throws {
        let worker = OutboxWorker(outbox: outbox, transport: ScriptedTransport(clock), log: quiet, now: { [clock] in clock.now }) { _ in
            try await Task.sleep(for: .seconds(3_600))
        }
        let run = Task { await worker.run() }
        await Task.yield()
        run.cancel()
        await run.value
    }

    @Test func `the log names each event once, and no code, subject or full address`() async throws {
        let lines = LogLines()
        outbox.put(try .sample(id: "one", subject: "Code 123456"), createdAt: .second(0))
        outbox.put(try .sample(id: "two", subject: "Code 123456"), createdAt: .second(1))
        let transport = ScriptedTransport(clock) { message, attempt, _ in
            if message.id == "two" { return .permanent("the mail server answered 550") }
            return attempt == 1 ? .temporary("the mail server answered 451") : nil
        }
        await run(transport, log: lines.logger)
        #expect(
            lines.all.sorted() == [
                "error mail failed attempts=1 mail=two reason=the mail server answered 550 to=a***@example.org",
                "info mail sent attempts=2 mail=one to=a***@example.org",
                "notice mail postponed attempts=1 mail=one reason=the mail server answered 451 to=a***@example.org",
            ])
    }

    private var quiet: Logger { Logger(label: "test") { _ in SwiftLogNoOpLogHandler() } }

    // A worker with little patience, in time that passes by itself.
    private func hurried(_ transport: some MailTransport, ahead: @escaping @Sendable () -> Int64 = { 0 }) -> OutboxWorker {
        var policy = OutboxPolicy()
        policy.patience = .milliseconds(1)
        policy.poll = .milliseconds(1)
        let start = ContinuousClock.now
        return OutboxWorker(
            outbox: outbox, transport: transport, policy: policy, log: quiet,
            now: { HandClock.start + Int64((ContinuousClock.now - start) / .microseconds(1)) + ahead() },
            sleep: { try await Task.sleep(for: $0) })
    }

    // Runs a worker in hand-moved time until no row waits.
    private func run(_ transport: some MailTransport, policy: OutboxPolicy = .oneByOne, log: Logger? = nil) async {
        let worker = OutboxWorker(
            outbox: outbox, transport: transport, policy: policy, log: log ?? quiet, now: { [clock] in clock.now }, sleep: clock.sleep)
        let run = Task { await worker.run() }
        await outbox.settled()
        run.cancel()
        await run.value
    }
}

extension OutboxPolicy {
    /// One mail at a time: by a clock that moves with each sleep nobody could wait for a mail under way.
    static var oneByOne: OutboxPolicy {
        var policy = OutboxPolicy()
        policy.senders = 1
        return policy
    }
}
