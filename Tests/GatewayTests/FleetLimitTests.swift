import Identity
import Storage
import TestSupport
import Testing

@testable import DialectEngine
@testable import Gateway

/// Limits that are counted over several instances.
@Suite struct FleetLimitTests {
    /// One instance, without its requests and its worker.
    private struct Instance {
        let counters: RequestCounters
        let clock: TestClock
        let limits: RequestLimits
        var courier: CountCourier

        init(_ store: SQLStore, _ clock: TestClock, count: Int = 5, capacity: Int = 1000) {
            self.clock = clock
            counters = RequestCounters(capacity: capacity, isShared: true)
            let limit = Limit(name: "entry", by: .address, count: count, window: .seconds(60), routes: [], headers: .rateLimit)
            limits = RequestLimits(frontend: "f", limits: [limit], counters: counters, now: { clock.now })
            courier = CountCourier(store: store, counters: counters, now: { clock.now })
        }

        func ask(_ address: String = "192.0.2.1") -> RequestLimits.Verdict { limits.count(.init(address: address), route: nil) }

        /// Whether one more may pass.
        func passes(_ address: String = "192.0.2.1") -> Bool { ask(address).failure == nil }

        func header(_ name: String, _ address: String = "192.0.2.1") -> String? { ask(address).headers.first { $0.name == name }?.value }
    }

    private func withStores(_ body: (SQLStore, SQLStore) async throws -> Void) async throws {
        try await PostgresCluster.common().withDatabase { url in
            let now = TestClock().now
            let stores = [try await SQLStore.postgres(url: url, now: now), try await SQLStore.postgres(url: url, now: now)]
            try await body(stores[0], stores[1])
            for store in stores { await store.close() }
        }
    }

    private func withFleet(skew: Duration = .zero, _ body: (inout Instance, inout Instance) async throws -> Void) async throws {
        try await withStores { first, second in
            let (here, there) = (TestClock(), TestClock())
            there.advance(skew)
            var (one, other) = (Instance(first, here), Instance(second, there))
            try await body(&one, &other)
        }
    }

    @Test(arguments: [Duration.zero, .seconds(5), .seconds(-5)])
    func `requests that alternate pass as often as to one instance, and the window is one`(skew: Duration) async throws {
        try await withFleet(skew: skew) { one, other in
            for round in 0..<3 {
                var passed = 0
                for _ in 0..<8 {
                    if one.passes() { passed += 1 }
                    try await one.courier.exchange()
                    try await other.courier.exchange()
                    if other.passes() { passed += 1 }
                    try await other.courier.exchange()
                    try await one.courier.exchange()
                }
                #expect(passed == 5, "round \(round)")
                for instance in [one, other] { instance.clock.advance(.seconds(54)) }
                // With clocks that differ, the one that is ahead ends it.
                if skew == .zero { #expect(!one.passes() && !other.passes()) }
                for instance in [one, other] { instance.clock.advance(.seconds(12)) }
            }
        }
    }

    @Test func `who spent a limit on one instance is refused by another that never saw him`() async throws {
        try await withFleet { one, other in
            try await other.courier.exchange()
            for _ in 0..<5 { #expect(one.passes()) }
            try await one.courier.exchange()
            try await other.courier.exchange()
            one.clock.advance(.seconds(20))
            other.clock.advance(.seconds(20))
            let refused = other.ask()
            #expect(refused.failure?.kind == .rateLimited && refused.failure?.retryAfter == .seconds(40))
            #expect(other.passes("192.0.2.2"))
        }
    }

    @Test func `an instance that starts anew knows what it had counted`() async throws {
        try await withStores { first, second in
            let clock = TestClock()
            var one = Instance(first, clock)
            for _ in 0..<5 { _ = one.passes() }
            try await one.courier.exchange()
            var again = Instance(second, clock)
            try await again.courier.exchange()
            #expect(!again.passes())
        }
    }

    @Test func `of two windows that began apart the earlier one holds for both`() async throws {
        try await withFleet { one, other in
            #expect(one.passes())
            for instance in [one, other] { instance.clock.advance(.seconds(3)) }
            #expect(other.header("RateLimit-Reset") == "60")
            // The later is brought first.
            for _ in 0..<2 {
                try await other.courier.exchange()
                try await one.courier.exchange()
            }
            #expect(one.header("RateLimit-Reset") == "57" && other.header("RateLimit-Reset") == "57")
            #expect(one.header("RateLimit-Remaining") == "1")
        }
    }

    @Test func `what is counted while counts travel is brought the next time, and nothing twice`() async throws {
        try await withFleet { one, other in
            #expect(one.passes())
            let taken = one.counters.take(10, at: one.clock.now)
            #expect(taken.map(\.hits) == [1])
            #expect(one.passes())
            #expect(one.counters.take(10, at: one.clock.now).map(\.hits) == [1])
            // The answer was lost: both are brought again.
            one.counters.giveBack(taken)
            #expect(one.header("RateLimit-Remaining") == "2")
            try await one.courier.exchange()
            try await other.courier.exchange()
            #expect(other.header("RateLimit-Remaining") == "1")
            #expect(one.counters.unsent == 0)
        }
    }

    @Test func `without the store each counts for itself, bounded, and what still matters is brought later`() async throws {
        let cluster = try await PostgresCluster.start()
        let clock = TestClock()
        let store = try await SQLStore.postgres(url: cluster.url("dragoman"), now: clock.now)
        var (one, other) = (Instance(store, clock, capacity: 100), Instance(store, clock))
        try await one.courier.exchange()
        try await cluster.run("stop 0")
        for address in 0..<10_000 {
            #expect(one.passes("10.1.\(address / 256).\(address % 256)"))
            if address % 1000 == 0 { await #expect(throws: StoreError.self) { try await one.courier.exchange() } }
        }
        #expect(one.counters.callers <= 100 && one.counters.unsent <= 100)
        clock.advance(.seconds(61))
        for _ in 0..<5 { #expect(one.passes()) }
        #expect(!one.passes())
        await #expect(throws: StoreError.self) { try await one.courier.exchange() }
        #expect(!one.passes())
        try await cluster.run("start 0")
        while (try? await one.courier.exchange()) == nil {}
        try await other.courier.exchange()
        #expect(!other.passes())
        // Windows that were over are no news.
        #expect(other.counters.callers == 1)
        await store.close()
    }

    @Test func `more callers than one journey carries all arrive, and others' fill no more than their share`() async throws {
        try await withStores { first, second in
            let clock = TestClock()
            var (one, other) = (Instance(first, clock, capacity: 5000), Instance(second, clock, capacity: 2000))
            for caller in 0..<3500 { _ = one.passes("10.1.\(caller / 256).\(caller % 256)") }
            try await one.courier.exchange()
            #expect(one.counters.unsent == 0)
            try await other.courier.exchange()
            #expect(other.counters.callers == 1750)
            clock.advance(.seconds(61))
            _ = one.passes()
            try await one.courier.exchange()
            try await other.courier.exchange()
            #expect(other.counters.callers == 1)
        }
    }

    @Test func `a count for one window is not learned by the next`() async throws {
        try await withFleet { one, other in
            for _ in 0..<3 { _ = one.passes() }
            let late = one.counters.take(10, at: one.clock.now)
            for instance in [one, other] { instance.clock.advance(.seconds(60)) }
            #expect(one.header("RateLimit-Remaining") == "4")
            one.counters.learn(late, own: true, at: one.clock.now)
            one.counters.giveBack(late)
            #expect(one.header("RateLimit-Remaining") == "3")
        }
    }

    @Test func `an instance alone brings nothing`() {
        let counters = RequestCounters()
        let key = RequestCounters.Key(frontend: "f", limit: "l", caller: "c")
        for turn in 1...3 { #expect(counters.count(key, window: .seconds(60), at: Instant(seconds: 9)).count == turn) }
        #expect(counters.unsent == 0)
    }
}
