import Foundation
import Identity
import Synchronization
import TestSupport
import Testing

@testable import Storage

/// A server that dies, hangs and comes back: each test has it to itself.
@Suite(.serialized) struct PostgresFaultTests {
    @Test func `a server that was restarted between two requests is not noticed by them`() async throws {
        try await withStore { store, cluster in
            try await store.insert(accounts: 1...1)
            _ = try await together(12) { _ in try await store.read { try $0.accountCount(realm: "one") } }
            try await cluster.run("stop 0")
            try await cluster.run("start 0")
            let counts = try await together(12) { _ in try await store.read { try $0.accountCount(realm: "one") } }
            #expect(counts.allSatisfy { $0 == 1 })
            try await store.insert(accounts: 2...2)
            let found1 = try await store.read { try $0.accountCount(realm: "one") }
            #expect(found1 == 2)
        }
    }

    @Test func `while the server is gone everybody is refused at once, and is served again soon after it is back`() async throws {
        try await withStore { store, cluster in
            try await store.insert(accounts: 1...1)
            try await cluster.run("stop 0")
            let clock = ContinuousClock()
            let first = await clock.measure {
                await #expect(throws: StoreError.self) { try await store.read { try $0.accountCount(realm: "one") } }
                await #expect(throws: StoreError.self) { try await store.insert(accounts: 2...2) }
            }
            #expect(first < .seconds(2))
            let others = try await clock.measure {
                let refused = try await together(200) { number in
                    do {
                        if number % 2 == 0 { try await store.ping() } else { try await store.insert(accounts: 9...9) }
                        return StoreError?.none
                    } catch let error as StoreError { return error }
                }
                #expect(Set(refused) == [.unavailable("the database server: nobody listens there")])
            }
            #expect(others < .seconds(1))
            try await cluster.run("start 0")
            let recovery = try await clock.measure { try await untilAnswered { try await store.insert(accounts: 3...3) } }
            #expect(recovery < .seconds(2))
            try await untilAnswered { try await store.ping() }
            let found2 = try await store.read { try $0.accountCount(realm: "one") }
            #expect(found2 == 2)
        }
    }

    @Test func `a transaction whose connection is ended before the commit is done again, once`() async throws {
        try await withStore { store, cluster in
            let runs = Atomic<Int>(0)
            let serial = try await store.write { store in
                let serial = try store.nextSerial(realm: "one")
                if runs.wrappingAdd(1, ordering: .relaxed).newValue == 1 { try Self.endSessions(cluster) }
                _ = try store.counter("bucket")
                return serial
            }
            #expect(serial == 1)
            #expect(runs.load(ordering: .relaxed) == 2)
            let reads = Atomic<Int>(0)
            let count = try await store.read { store in
                _ = try store.accountCount(realm: "one")
                if reads.wrappingAdd(1, ordering: .relaxed).newValue == 1 { try Self.endSessions(cluster) }
                return try store.accountCount(realm: "one")
            }
            #expect(count == 0)
            #expect(reads.load(ordering: .relaxed) == 2)
            await #expect(throws: StoreError.self) {
                try await store.write { store in
                    _ = try store.nextSerial(realm: "one")
                    try Self.endSessions(cluster)
                    _ = try store.counter("bucket")
                }
            }
            let found3 = try await store.write { try $0.nextSerial(realm: "one") }
            #expect(found3 == 2)
        }
    }

    @Test func `a commit whose connection is ended is never done again`() async throws {
        try await withStore { store, cluster in
            let runs = Atomic<Int>(0)
            await #expect(throws: StoreError.unavailable("the connection was lost while the database committed")) {
                try await store.write { store in
                    runs.wrappingAdd(1, ordering: .relaxed)
                    _ = try store.nextSerial(realm: "one")
                    try Self.endSessions(cluster)
                }
            }
            #expect(runs.load(ordering: .relaxed) == 1)
            let found4 = try await store.write { try $0.nextSerial(realm: "one") }
            #expect(found4 == 1)
        }
    }

    @Test func `registrations while the server crashes again and again: what was answered is there, and nothing twice`() async throws {
        try await withStore { store, cluster in
            let isOver = Atomic<Bool>(false)
            let next = Atomic<Int>(0)
            async let answered = together(8) { _ in
                var answered: Set<Int> = []
                while !isOver.load(ordering: .relaxed) {
                    let number = next.wrappingAdd(1, ordering: .relaxed).newValue
                    do {
                        try await store.insert(accounts: number...number)
                        answered.insert(number)
                    } catch StoreError.unavailable {
                        await Task.yield()
                    }
                }
                return answered
            }
            for _ in 0..<3 {
                while try await !self.hasGrown(store) {}
                try await cluster.run("stop 0")
                try await cluster.run("start 0")
            }
            try await untilAnswered { try await store.ping() }
            isOver.store(true, ordering: .relaxed)
            let promised = try await answered.reduce(into: Set<Int>()) { $0.formUnion($1) }
            let found = try await store.read { store in
                try store.accounts(realm: "one", after: 0, limit: 1_000_000, search: nil).map { Int($0.id.low & 0xFFFF_FFFF) }
            }
            #expect(promised.count > 20)
            #expect(promised.isSubset(of: found))
            #expect(Set(found).count == found.count)
        }
    }

    @Test func `a server that hangs: everybody is refused within two seconds, then at once, and served when it goes on`() async throws {
        try await withStore { store, cluster in
            try await store.insert(accounts: 1...1)
            _ = try await together(12) { _ in try await store.read { try $0.accountCount(realm: "one") } }
            try await cluster.run("pause 0")
            let first = try await refusals(of: 60, store)
            #expect(first.max().map { $0 < .seconds(2) } == true, "\(first.max() ?? .zero)")
            let later = try await refusals(of: 200, store)
            #expect(later.max().map { $0 < .milliseconds(500) } == true, "\(later.max() ?? .zero)")
            await #expect(throws: StoreError.unavailable("the database server: it does not answer")) { try await store.ping() }
            try await cluster.run("resume 0")
            let recovery = try await ContinuousClock().measure {
                try await untilAnswered { try await store.insert(accounts: 3...3) }
                try await untilAnswered { try await store.ping() }
            }
            #expect(recovery < .seconds(3))
            let numbers = try await store.read { try $0.accounts(realm: "one", after: 0, limit: 999, search: nil).map(\.id) }
            #expect(numbers.count == Set(numbers).count)
        }
    }

    @Test func `one session of the server that hangs costs one request, and nobody else`() async throws {
        try await withStore { store, cluster in
            let number = try await store.database.read { connection in
                var row = try connection.query("SELECT CAST(pg_backend_pid() AS BIGINT)", [])[0]
                return try row.integer()
            }
            try await cluster.run("freeze \(number)")
            let isAnswered = try await together(40) { _ in
                let start = ContinuousClock.now
                do {
                    for _ in 0..<10 { try await store.ping() }
                    return true
                } catch StoreError.unavailable("the database did not answer in time") {
                    #expect(ContinuousClock.now - start < .seconds(2))
                    return false
                }
            }
            #expect(isAnswered.filter { !$0 }.count <= 1)
            try await cluster.run("thaw \(number)")
            try await store.ping()
        }
    }

    @Test func `a commit that is not answered is told within two seconds and never done again`() async throws {
        try await withStore { store, cluster in
            let runs = Atomic<Int>(0)
            let span = await ContinuousClock().measure {
                await #expect(throws: StoreError.unavailable("the connection was lost while the database committed")) {
                    try await store.write { store in
                        runs.wrappingAdd(1, ordering: .relaxed)
                        _ = try store.nextSerial(realm: "one")
                        try cluster.runHere("pause 0")
                    }
                }
            }
            #expect(span < .seconds(2))
            try await cluster.run("resume 0")
            try await untilAnswered { try await store.ping() }
            #expect(runs.load(ordering: .relaxed) == 1)
            let next = try await store.write { try $0.nextSerial(realm: "one") }
            #expect((1...2).contains(next))
        }
    }

    @Test func `commits that wait for a standby that is gone are told in time, and leave no sessions behind`() async throws {
        try await withStore { store, cluster in
            try await store.insert(accounts: 1...1)
            _ = try await cluster.ask("ALTER SYSTEM SET synchronous_standby_names = 'gone'")
            _ = try await cluster.ask("SELECT pg_reload_conf()")
            // One of the server's processes learns of it for all, in its own time.
            while (try? await store.write({ try $0.nextSerial(realm: "before") })) != nil { try await Task.sleep(for: .milliseconds(20)) }
            for round in 0..<3 {
                let spans = try await together(6) { number in
                    await ContinuousClock().measure {
                        await #expect(throws: StoreError.unavailable("the connection was lost while the database committed")) {
                            _ = try await store.write { try $0.nextSerial(realm: "round \(round) \(number)") }
                        }
                    }
                }
                #expect(spans.max().map { $0 < .seconds(2.1) } == true)
                try await store.ping()
            }
            let sessions = try await cluster.ask("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'dragoman'")
            #expect(Int(sessions).map { $0 <= 12 } == true, "\(sessions) sessions")
            _ = try await cluster.ask("ALTER SYSTEM RESET synchronous_standby_names")
            _ = try await cluster.ask("SELECT pg_reload_conf()")
            try await untilAnswered { try await store.insert(accounts: 2...2) }
        }
    }

    @Test func `whoever waits for somebody's row is refused in time, and does not make the server one that is gone`() async throws {
        try await withStore { store, _ in
            let (held, done) = (Gate(), Gate())
            async let holder: Void = store.write { store in
                _ = try store.nextSerial(realm: "one")
                held.open()
                done.pass()
            }
            await held.opened()
            let isOver = Atomic<Bool>(false)
            async let others: Void = {
                while !isOver.load(ordering: .relaxed) {
                    try await store.ping()
                    _ = try await store.write { try $0.nextSerial(realm: "two") }
                }
            }()
            let span = await ContinuousClock().measure {
                await #expect(throws: StoreError.unavailable("a row is locked by somebody else for too long")) {
                    try await store.write { try $0.nextSerial(realm: "one") }
                }
            }
            #expect(span < .seconds(2))
            isOver.store(true, ordering: .relaxed)
            try await others
            done.open()
            // It had a client's patience, too.
            try? await holder
        }
    }

    @Test func `what is long by right has the time that it takes`() async throws {
        try await withStore { store, _ in
            let sleep: @Sendable () async throws -> Void = {
                _ = try await store.database.write { try $0.query("SELECT 1 FROM pg_sleep(2.5)", []) }
            }
            let span = await ContinuousClock().measure {
                await #expect(throws: StoreError.unavailable("the database took too long")) { try await sleep() }
            }
            #expect(span < .seconds(2))
            try await StorePatience.$current.withValue(.work) { try await sleep() }
        }
    }

    @Test func `a standby that takes over is found by itself, and nothing that was answered is lost`() async throws {
        let cluster = try await PostgresCluster.start()
        try await cluster.run("standby 1")
        _ = try await cluster.ask("ALTER SYSTEM SET synchronous_standby_names = '*'")
        _ = try await cluster.ask("SELECT pg_reload_conf()")
        let url = "postgres://dragoman@/dragoman?host=\(cluster.folder),\(cluster.folder)&port=5432,5433"
        let store = try await SQLStore.postgres(url: url, now: .start)
        try await store.insert(accounts: 1...20)
        try await cluster.run("stop 0")
        await #expect(throws: StoreError.self) { try await store.insert(accounts: 21...21) }
        try await cluster.run("promote 1")
        _ = try await cluster.ask("ALTER SYSTEM RESET synchronous_standby_names", port: 5433)
        _ = try await cluster.ask("SELECT pg_reload_conf()", port: 5433)
        let span = try await ContinuousClock().measure { try await untilAnswered { try await store.insert(accounts: 22...22) } }
        #expect(span < .seconds(3))
        try await untilAnswered { try await store.ping() }
        let found5 = try await store.read { try $0.accountCount(realm: "one") }
        #expect(found5 == 21)
        await store.close()
    }

    @Test func `a server that has become read-only is left for one that can be written`() async throws {
        try await withStore { store, cluster in
            let runs = Atomic<Int>(0)
            _ = try await store.database.write { connection in
                if runs.wrappingAdd(1, ordering: .relaxed).newValue == 1 { _ = try connection.execute("SET TRANSACTION READ ONLY", []) }
                return try connection.execute("INSERT INTO serials (realm, last) VALUES ('one', 1)", [])
            }
            #expect(runs.load(ordering: .relaxed) == 2)
            _ = try await cluster.ask("ALTER DATABASE dragoman SET default_transaction_read_only = on")
            try await cluster.run("stop 0")
            try await cluster.run("start 0")
            await #expect(throws: StoreError.unavailable("the database server: it cannot be written: it is a standby, or read-only")) {
                try await store.insert(accounts: 1...1)
            }
            _ = try await cluster.ask("ALTER DATABASE dragoman RESET default_transaction_read_only")
            try await untilAnswered { try await store.insert(accounts: 1...1) }
        }
    }

    @Test func `a server without room for us is waited for, and those who are connected serve`() async throws {
        let cluster = try await PostgresCluster.start()
        _ = try await cluster.ask("CREATE ROLE few LOGIN CONNECTION LIMIT 3")
        _ = try await cluster.ask("ALTER DATABASE dragoman OWNER TO few")
        _ = try await cluster.ask("ALTER SCHEMA public OWNER TO few", of: "dragoman")
        let store = try await SQLStore.postgres(url: cluster.url("dragoman", user: "few"), now: .start)
        try await store.insert(accounts: 1...1)
        let counts = try await together(60) { _ in
            try await store.write { try $0.count("bucket", window: .seconds(60), at: .start).count }
        }
        #expect(counts.sorted() == Array(1...60))
        await store.close()
    }

    @Test func `whoever waits for a busy pool is refused in a few seconds, and the pool goes on`() async throws {
        try await withStore { store, _ in
            let (held, done) = (Gate(), Gate())
            async let holders: [Void] = together(6) { _ in
                try await store.write { _ in
                    held.open()
                    done.pass()
                }
            }
            await held.opened()
            let span = await ContinuousClock().measure {
                await #expect(throws: StoreError.unavailable("every connection to the database is busy")) {
                    while true { try await store.insert(accounts: 1...1) }
                }
            }
            #expect(span < .seconds(5))
            done.open()
            _ = try await holders
            try await store.insert(accounts: 2...2)
        }
    }

    // MARK: Steps

    private func withStore(_ body: (SQLStore, PostgresCluster) async throws -> Void) async throws {
        let cluster = try await PostgresCluster.start()
        let store = try await SQLStore.postgres(url: cluster.url("dragoman"), now: .start)
        try await body(store, cluster)
        await store.close()
    }

    /// How long each of so many reads and writes took to be refused.
    private func refusals(of count: Int, _ store: SQLStore) async throws -> [Duration] {
        try await together(count) { number in
            await ContinuousClock().measure {
                await #expect(throws: StoreError.self) {
                    if number % 2 == 0 { try await store.ping() } else { try await store.insert(accounts: (100 + number)...(100 + number)) }
                }
            }
        }
    }

    private static func endSessions(_ cluster: PostgresCluster) throws {
        _ = try cluster.askHere("SELECT count(pg_terminate_backend(pid, 2000)) FROM pg_stat_activity WHERE datname = 'dragoman'")
    }

    private func hasGrown(_ store: SQLStore) async throws -> Bool {
        let count = try? await store.read { try $0.accountCount(realm: "one") }
        let later = try? await store.read { try $0.accountCount(realm: "one") }
        guard let count, let later else { return false }
        return later > count + 1
    }

    /// Asks again and again, for ten seconds at most.
    private func untilAnswered(_ body: () async throws -> Void) async throws {
        let start = ContinuousClock.now
        while true {
            do {
                return try await body()
            } catch let error as StoreError {
                guard case .unavailable = error, ContinuousClock.now - start < .seconds(10) else { throw error }
                try await Task.sleep(for: .milliseconds(20))
            }
        }
    }
}
