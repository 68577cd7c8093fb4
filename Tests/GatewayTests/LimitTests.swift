import FoundationEssentials
import Identity
import Synchronization
import Testing

@testable import DialectEngine
@testable import Gateway

@Suite struct LimitTests {
    private static func limit(_ name: String, _ count: Int, routes: [String] = [], by: Limit.Key = .address) -> Limit {
        Limit(name: name, by: by, count: count, window: .seconds(60), routes: routes, headers: .rateLimit)
    }

    private final class Clock: Sendable {
        let moment = Mutex(Instant(seconds: 1_000_000))
        var now: Instant { moment.withLock(\.self) }
        func advance(_ span: Duration) { moment.withLock { $0 = $0 + span } }
    }

    private static func limits(_ limits: [Limit], _ clock: Clock, capacity: Int = 100) -> RequestLimits {
        RequestLimits(frontend: "f", limits: limits, counters: RequestCounters(capacity: capacity), now: { clock.now })
    }

    @Test func `a window begins with its first request and ends for all of them`() {
        let clock = Clock()
        let limits = Self.limits([Self.limit("all", 2)], clock)
        let caller = RequestLimits.Caller(address: "192.0.2.1")
        #expect(limits.count(caller, route: nil).failure == nil)
        clock.advance(.seconds(30))
        #expect(limits.count(caller, route: "x").failure == nil)
        let over = limits.count(caller, route: nil)
        #expect(over.failure?.kind == .rateLimited && over.failure?.retryAfter == .seconds(30))
        #expect(limits.count(.init(address: "192.0.2.2"), route: nil).failure == nil)
        clock.advance(.seconds(30))
        #expect(limits.count(caller, route: nil).failure == nil)
        // Set back an hour, a window neither stays for ever nor grows.
        clock.advance(.seconds(-3600))
        #expect(limits.count(caller, route: nil).failure == nil)
    }

    @Test func `answers tell of the narrowest limit, and of the one that is over`() {
        let clock = Clock()
        let limits = Self.limits([Self.limit("all", 3), Self.limit("login", 2, routes: ["login"])], clock)
        let caller = RequestLimits.Caller(address: "192.0.2.1")
        let policy = { (verdict: RequestLimits.Verdict) in verdict.headers.map(\.value) }
        #expect(policy(limits.count(caller, route: "login")) == ["2;w=60", "2", "1", "60"])
        #expect(policy(limits.count(caller, route: nil)) == ["3;w=60", "3", "1", "60"])
        #expect(policy(limits.count(caller, route: "login")) == ["2;w=60", "2", "0", "60"])
        let over = limits.count(caller, route: nil)
        #expect(policy(over) == ["3;w=60", "3", "0", "60"] && over.failure != nil)
    }

    @Test func `an IPv6 client is counted by its network`() {
        let clock = Clock()
        let limits = Self.limits([Self.limit("all", 1)], clock)
        #expect(limits.count(.init(address: "2001:db8::1"), route: nil).failure == nil)
        #expect(limits.count(.init(address: "2001:db8::2"), route: nil).failure != nil)
        #expect(limits.count(.init(address: "2001:db8:0:1::2"), route: nil).failure == nil)
    }

    @Test func `spellings of a name share a bucket`() {
        let limits = Self.limits([Self.limit("name", 1, by: .identifier)], Clock())
        #expect(limits.count(.init(address: "192.0.2.1", identifier: "ann@example.com"), route: nil).failure == nil)
        #expect(limits.count(.init(address: "192.0.2.9", identifier: "ANN@example.com"), route: nil).failure != nil)
    }

    @Test func `the network of an address is what counts for guesses, too`() {
        let networks = ["192.0.2.1", "::ffff:192.0.2.1", "2001:db8::1", "2001:DB8:0:0:ffff::2", "2001:db8:0:1::1", "?"].map {
            IPAddress.network(of: $0)
        }
        #expect(networks[0] == "192.0.2.1" && networks[5] == "?")
        #expect(networks[2] == networks[3])
        #expect(Set(networks).count == 4)
    }

    @Test func `wrong passwords from one IPv6 network lock it, whatever the address`() async throws {
        let prepare = { (folder: TestFolder) in
            try folder.edit("config.yaml") { $0 + "\ntrusted-proxies: [127.0.0.1]\n" }
            try folder.edit("Dialects/pocket/dialect.yaml") {
                $0.replacing("policy:\n", with: "policy:\n  guesses: { failures-per-address: 3 }\n")
            }
        }
        try await TestGateway.with(prepare: prepare) { gateway, _ async throws -> Void in
            let body = #"{"email":"ann@example.com","password":"wrong horse 1"}"#
            for (address, status) in [
                ("2001:db8::1", 401), ("2001:db8::2", 401), ("2001:db8::3", 401), ("2001:db8::4", 429), ("2001:db9::1", 401),
            ] {
                #expect(try await gateway.send("POST", "/login", body, fields: ["X-Forwarded-For: \(address)"]).status == status)
            }
        }
    }

    @Test func `a caller's own text is not kept, and costs no more room when it is long`() {
        let counters = RequestCounters(capacity: 100)
        let limits = RequestLimits(
            frontend: "f", limits: [Self.limit("name", 1, by: .identifier), Self.limit("key", 1, by: .key)], counters: counters,
            now: { Instant(seconds: 1) })
        let long = String(repeating: "x", count: 1_000_000)
        #expect(limits.count(.init(address: "192.0.2.1", identifier: long, key: long), route: nil).failure == nil)
        #expect(limits.count(.init(address: "192.0.2.1", identifier: long + "y", key: long + "y"), route: nil).failure == nil)
        #expect(limits.count(.init(address: "192.0.2.1", identifier: long, key: long + "z"), route: nil).failure != nil)
        #expect(counters.longestKey < 64)
    }

    @Test func `a flood of callers is forgotten and not remembered without end`() {
        let counters = RequestCounters(capacity: 100)
        for index in 0..<10_000 {
            let key = RequestCounters.Key(frontend: "f", limit: "l", caller: "\(index)")
            #expect(counters.count(key, window: .seconds(60), at: Instant(seconds: 1)).count == 1)
        }
        #expect(counters.callers <= 100)
    }

    @Test func `a refusal over the wire is the dialect's, with its fields and Retry-After`() async throws {
        let prepare = { (folder: TestFolder) in
            try folder.edit("Dialects/pocket/dialect.yaml") { $0.replacing("count: 2000", with: "count: 2") }
        }
        try await TestGateway.with(prepare: prepare) { gateway, _ async throws -> Void in
            let body = #"{"email":"ann@example.com","password":"wrong horse 1"}"#
            for remaining in ["1", "0"] {
                let answer = try await gateway.send("POST", "/login", body)
                #expect(answer.status == 401 && answer["ratelimit-remaining"] == remaining && answer["ratelimit-policy"] == "2;w=60")
            }
            let over = try await gateway.send("POST", "/login", body)
            #expect(over.status == 429 && over.json?["error"]?.string == "slow_down")
            #expect(over["retry-after"] == over["ratelimit-reset"])
            #expect(try await gateway.send("GET", "/me").status == 401)
        }
    }
}
