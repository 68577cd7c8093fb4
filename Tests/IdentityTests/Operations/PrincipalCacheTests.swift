import Identity
import Synchronization
import TestSupport
import Testing

@Suite struct PrincipalCacheTests {
    private let mark = ChangeMark()
    private let one = AccountID(now: Instant(seconds: 1), random: [1, 1, 1, 1, 1, 1, 1, 1, 1, 1])
    private let other = AccountID(now: Instant(seconds: 1), random: [2, 2, 2, 2, 2, 2, 2, 2, 2, 2])

    @Test func `a change of an account makes memories of it stale before the write is answered`() async throws {
        let store = MarkedStore(MemoryStore(), mark: mark)
        let before = mark.current
        try await store.write { [one] in try $0.endSessions(of: one, except: nil, at: Instant(seconds: 1)) }
        #expect(!mark.stands(one, since: before))
        #expect(mark.stands(other, since: before))
        #expect(mark.stands(one, since: mark.current))
    }

    @Test func `a write that throws makes memories stale as well`() async {
        struct Refused: Error {}
        let store = MarkedStore(MemoryStore(), mark: mark)
        let before = mark.current
        await #expect(throws: Refused.self) {
            try await store.write { [one] store in
                try store.erase(one)
                throw Refused()
            }
        }
        #expect(!mark.stands(one, since: before))
    }

    @Test func `reading, counting and mails change nobody's standing`() async throws {
        let store = MarkedStore(MemoryStore(), mark: mark)
        let before = mark.current
        _ = try await store.read { try $0.accountCount(realm: "r") }
        _ = try await store.write { try $0.count("bucket", window: .seconds(60), at: Instant(seconds: 1)) }
        #expect(mark.stands(one, since: before) && mark.current == before)
    }

    @Test func `each commit that queues a mail is told of, and no other write`() async throws {
        let told = Told()
        let store = MarkedStore(MemoryStore(), mark: mark) { told.add() }
        _ = try await store.write { try $0.count("bucket", window: .seconds(60), at: Instant(seconds: 1)) }
        #expect(told.times == 0)
        for number in 1...2 {
            try await store.write { store in
                for id in ["a", "b"] {
                    try store.enqueue(
                        OutboxEntry(
                            id: "\(id)\(number)", realm: "r", notice: .confirm, recipient: "a@example.com", payload: [],
                            createdAt: Instant(seconds: 1)))
                }
                #expect(told.times == number - 1)
            }
            #expect(told.times == number)
        }
    }

    private final class Told: Sendable {
        private let count = Mutex(0)
        var times: Int { count.withLock(\.self) }
        func add() { count.withLock { $0 += 1 } }
    }

    @Test func `when anything may have changed, no memory stands`() {
        let before = mark.current
        mark.moveAll()
        #expect(!mark.stands(one, since: before) && !mark.stands(other, since: before))
    }
}
