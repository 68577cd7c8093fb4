import Identity
import TestSupport
import Testing

@testable import Storage

/// How instances that share a database add up what they counted.
@Suite struct RequestCountTests {
    private static let minute: Int64 = 60

    /// A count of a window of a minute that began so many seconds after the start.
    private static func count(_ hits: Int, from second: Int64 = 0) -> RequestCount { count("192.0.2.1", hits, from: second) }

    private static func count(_ caller: String, _ hits: Int, from second: Int64 = 0) -> RequestCount {
        let start = Instant.start + .seconds(second)
        return RequestCount(
            frontend: "shop", limit: "entry", caller: caller, hits: hits, startedAt: start, endsAt: start + .seconds(minute))
    }

    /// One instance: it knows its place.
    private actor Instance {
        let store: SQLStore
        private var place: CountNews.Place?

        init(_ store: SQLStore) { self.store = store }

        @discardableResult
        func bring(_ counts: [RequestCount] = [], at second: Int64 = 0) async throws -> CountNews {
            let news = try await store.exchange(counts, since: place, at: .start + .seconds(second))
            place = news.place
            return news
        }

        func beginAnew() { place = nil }
    }

    private func withFleet(_ body: (Instance, Instance, String) async throws -> Void) async throws {
        try await PostgresCluster.common().withDatabase { url in
            let stores = [try await SQLStore.postgres(url: url, now: .start), try await SQLStore.postgres(url: url, now: .start)]
            try await body(Instance(stores[0]), Instance(stores[1]), url)
            for store in stores { await store.close() }
        }
    }

    @Test func `each instance learns the sum, and what the other added once`() async throws {
        try await withFleet { one, other, _ in
            try await other.bring()
            #expect(try await one.bring([Self.count(2)]).own == [Self.count(2)])
            let heard = try await other.bring([Self.count("2001:db8:0:1 \"é", 1)])
            #expect(heard.others == [Self.count(2)])
            #expect(heard.own == [Self.count("2001:db8:0:1 \"é", 1)])
            let again = try await other.bring()
            #expect(again.others.isEmpty && again.own.isEmpty)
            #expect(try await other.bring([Self.count(3)]).own.map(\.hits) == [5])
            #expect(Set(try await one.bring().others) == [Self.count(5), Self.count("2001:db8:0:1 \"é", 1)])
            #expect(try await one.bring().others.isEmpty)
        }
    }

    @Test func `who begins is told all that still counts`() async throws {
        try await withFleet { one, other, _ in
            try await one.bring([Self.count("old", 1, from: -60), Self.count("new", 2)])
            #expect(try await other.bring().others == [Self.count("new", 2)])
            await one.beginAnew()
            #expect(try await one.bring([Self.count("new", 1)]).own.map(\.hits) == [3])
        }
    }

    @Test(
        arguments: [
            // The window of the row begins at 0; where the second's begins, when it is brought, and the window and sum that come of it.
            (from: 10, at: 10, begins: 0, hits: 5), (from: -10, at: 0, begins: -10, hits: 5), (from: 59, at: 59, begins: 0, hits: 5),
            (from: 60, at: 60, begins: 60, hits: 3), (from: 90, at: 95, begins: 90, hits: 3),
            // Late by a clock that is behind, and by one that is more than a window behind.
            (from: -60, at: -2, begins: 0, hits: 5), (from: -90, at: -61, begins: -90, hits: 5),
        ] as [(from: Int64, at: Int64, begins: Int64, hits: Int)])
    func `of two windows one is left`(from: Int64, at: Int64, begins: Int64, hits: Int) async throws {
        try await withFleet { one, other, _ in
            try await one.bring([Self.count(2)])
            #expect(try await other.bring([Self.count(3, from: from)], at: at).own == [Self.count(hits, from: begins)])
        }
    }

    @Test func `many counts of the same callers at once lose none`() async throws {
        try await withFleet { one, other, _ in
            let counts = (0..<300).map { Self.count("caller \($0)", 1) }
            try await withThrowingTaskGroup(of: Void.self) { group in
                for instance in [one, other] {
                    group.addTask {
                        // How long each waits for the other's rows is not asked here.
                        try await StorePatience.$current.withValue(.work) {
                            for _ in 0..<20 { try await instance.bring(counts.shuffled()) }
                        }
                    }
                }
                try await group.waitForAll()
            }
            await one.beginAnew()
            let told = try await one.bring().others
            #expect(told.count == 300 && told.allSatisfy { $0.hits == 40 })
        }
    }

    @Test func `what is over is swept away a minute later`() async throws {
        try await withFleet { one, other, _ in
            try await one.bring([Self.count(2)])
            for (second, left) in [(61, 1), (119, 1), (120, 0)] as [(Int64, Int)] {
                _ = try await one.store.write { try $0.prune(at: .start + .seconds(second), limit: 9) }
                let count = try await other.store.database.read { try $0.query("SELECT 1 FROM request_counts", []).count }
                #expect(count == left)
            }
        }
    }

    @Test func `a database that is away is told at once, and forgets nothing of what it was brought`() async throws {
        let cluster = try await PostgresCluster.start()
        let store = try await SQLStore.postgres(url: cluster.url("dragoman"), now: .start)
        let instance = Instance(store)
        try await instance.bring([Self.count(2)])
        // Counts do not wait for the disk; this does, and for all that came before it.
        _ = try await store.write { try $0.nextSerial(realm: "one") }
        try await cluster.run("stop 0")
        await #expect(throws: StoreError.self) { try await instance.bring([Self.count(1)]) }
        try await cluster.run("start 0")
        var total: Int?
        while total == nil { total = try? await instance.bring([Self.count(1)]).own.first?.hits }
        #expect(total == 3)
        await store.close()
    }
}
