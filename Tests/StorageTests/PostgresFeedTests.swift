import Identity
import Synchronization
import TestSupport
import Testing

@testable import Storage

@Suite struct PostgresFeedTests {
    @Test func `what others commit is told once, in whichever order they end, and what is undone never`() async throws {
        try await withFeed { store, told in
            try await store.insert(accounts: 1...3)
            let (first, second) = (Gate(), Gate())
            // Begins before the other and ends after it.
            async let slow: Void = store.write { store in
                try store.erase(Sample.id(1))
                // Its number is given now.
                _ = try store.nextSerial(realm: "slow")
                first.open()
                second.pass()
            }
            await first.opened()
            try await store.write { try $0.erase(Sample.id(2)) }
            await told.until { $0.contains(Sample.id(2)) }
            #expect(!told.accounts.contains(Sample.id(1)))
            second.open()
            try await slow
            await told.until { $0.contains(Sample.id(1)) }
            try? await store.write { store in
                try store.erase(Sample.id(3))
                throw StoreError.conflict
            }
            let heard = told.answers
            await told.until { _ in told.answers > heard + 2 }
            #expect(told.accounts == [Sample.id(2), Sample.id(1)])
        }
    }

    @Test func `what all have read is swept away`() async throws {
        try await withFeed { store, told in
            try await store.insert(accounts: 1...1)
            try await store.write { try $0.erase(Sample.id(1)) }
            await told.until { $0.contains(Sample.id(1)) }
            let count: @Sendable () async throws -> Int = {
                try await store.database.read { try $0.query("SELECT 1 FROM changes", []).count }
            }
            let before = try await count()
            #expect(before == 1)
            // By the database's own clock.
            _ = try await store.write { try $0.prune(at: Instant(seconds: 0), limit: 9) }
            let kept = try await count()
            #expect(kept == 1)
            // Nor does an instance whose clock is far ahead take away what others have not read.
            _ = try await store.write { try $0.prune(at: Instant(seconds: 9_000_000_000), limit: 9) }
            let unread = try await count()
            #expect(unread == 1)
            _ = try await store.database.write { try $0.execute("UPDATE changes SET made_at = ?1", [.integer(0)]) }
            _ = try await store.write { try $0.prune(at: Instant(seconds: 9_000_000_000), limit: 9) }
            let after = try await count()
            #expect(after == 0)
        }
    }

    @Test func `a feed whose server is gone says so, and begins anew when it is back`() async throws {
        let cluster = try await PostgresCluster.start()
        let store = try await SQLStore.postgres(url: cluster.url("dragoman"), now: .start)
        let told = Told()
        let feed = store.follow(uptime: { .seconds(7) }) { told.note($0) }
        await told.until { _ in told.beginnings == 1 }
        try await cluster.run("stop 0")
        await told.until { _ in told.silences > 0 }
        try await cluster.run("start 0")
        await told.until { _ in told.beginnings == 2 }
        feed?.stop()
        await store.close()
    }

    @Test func `a feed whose server hangs says so, and begins anew when it goes on`() async throws {
        let cluster = try await PostgresCluster.start()
        let store = try await SQLStore.postgres(url: cluster.url("dragoman"), now: .start)
        let told = Told()
        let feed = store.follow(uptime: { .seconds(7) }) { told.note($0) }
        await told.until { _ in told.beginnings == 1 }
        try await cluster.run("pause 0")
        await told.until { _ in told.silences > 1 }
        try await cluster.run("resume 0")
        await told.until { _ in told.beginnings == 2 }
        feed?.stop()
        await store.close()
    }

    private func withFeed(_ body: (SQLStore, Told) async throws -> Void) async throws {
        try await PostgresCluster.common().withDatabase { url in
            let store = try await SQLStore.postgres(url: url, now: .start)
            let told = Told()
            let feed = store.follow(uptime: { .zero }) { told.note($0) }
            await told.until { _ in told.beginnings == 1 }
            try await body(store, told)
            feed?.stop()
            await store.close()
        }
    }
}

/// What a feed told so far.
private final class Told: Sendable {
    private struct News {
        var accounts: [AccountID] = []
        var beginnings = 0
        var silences = 0
        var answers = 0
    }

    private let news = Mutex(News())
    private let bell = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))

    var accounts: [AccountID] { news.withLock(\.accounts) }
    var beginnings: Int { news.withLock(\.beginnings) }
    var silences: Int { news.withLock(\.silences) }
    var answers: Int { news.withLock(\.answers) }

    func note(_ change: ChangeNews) {
        news.withLock { news in
            switch change {
            case .accounts(let accounts, _):
                news.accounts += accounts
                news.answers += 1
            case .everything: news.beginnings += 1
            case .silence: news.silences += 1
            }
        }
        bell.continuation.yield()
    }

    func until(_ condition: ([AccountID]) -> Bool) async {
        var bells = bell.stream.makeAsyncIterator()
        while !condition(accounts) { _ = await bells.next() }
    }
}
