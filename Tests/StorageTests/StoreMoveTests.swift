import Foundation
import Identity
import Storage
import TestSupport
import Testing

@Suite struct StoreMoveTests {
    struct Way: Sendable, CustomTestStringConvertible {
        let source: StoreKind
        let target: StoreKind

        var testDescription: String { "\(source) to \(target)" }

        static let all = [
            Way(source: .sqlite, target: .sqlite), Way(source: .sqlite, target: .postgres), Way(source: .postgres, target: .sqlite),
            Way(source: .postgres, target: .postgres),
        ]
    }

    private struct Stopped: Error {}

    @Test(arguments: Way.all)
    func `every table arrives with every kind of value`(way: Way) async throws {
        try await moving(way) { source, target in
            try await Self.fill(source)
            let move = StoreMove(from: source, to: target, pageSize: 3, now: .start)
            let outcome = try await move.run()
            #expect(outcome.isVerified)
            let names = try StoreTable.all().map(\.name)
            #expect(outcome.tables.map(\.table) == names)
            for table in outcome.tables {
                #expect(
                    table.sourceRows > 0, "the sample has no row of \(table.table): a migration made a table that this test does not know")
                #expect(table.sourceRows == table.targetRows)
            }
            try await Self.opened(target) { store in
                let account = try #require(try await store.read { try $0.account(id: Sample.id(1), realm: "one") })
                #expect(account.attributes == Self.attributes)
                #expect(account.email == "zoë+å@example.com")
                #expect(account.phone == nil)
                // Serials go on where they were.
                let next = try await store.write { try $0.insert(Sample.account(999)) }
                #expect(next.serial == 11)
                let mail = try await store.read { try $0.outbox(state: nil, limit: 9) }
                #expect(mail.map(\.payload).contains([0, 1, 255]))
            }
        }
    }

    @Test(arguments: Way.all)
    func `a move that was stopped goes on where it was, and until then no server opens the target`(way: Way) async throws {
        try await moving(way) { source, target in
            try await Self.fill(source)
            let move = StoreMove(from: source, to: target, pageSize: 3, now: .start)
            await #expect(throws: Stopped.self) {
                try await move.run { if $0.phase == .copying, $0.done >= 9 { throw Stopped() } }
            }
            let refusal = await #expect(throws: StoreError.self) { try await Self.opened(target) { _ in } }
            let isTold = String(describing: refusal).contains("a move into this store has not ended")
            #expect(isTold)
            let outcome = try await move.run()
            #expect(outcome.isVerified)
            #expect(outcome.copied == outcome.tables.map(\.sourceRows).reduce(0, +) - 9)
            try await Self.opened(target) { _ in }
        }
    }

    @Test(arguments: Way.all)
    func `a row that changed between two runs is found and told, and beginning anew gets over it`(way: Way) async throws {
        try await moving(way) { source, target in
            try await Self.fill(source)
            let move = StoreMove(from: source, to: target, pageSize: 3, now: .start)
            await #expect(throws: Stopped.self) { try await move.run { if $0.phase == .verifying { throw Stopped() } } }
            try await Self.opened(source) { store in
                _ = try await store.database.write {
                    try $0.execute("UPDATE accounts SET sign_in_count = sign_in_count + 1 WHERE serial = 5", [])
                }
            }
            let outcome = try await move.run()
            #expect(!outcome.isVerified)
            #expect(outcome.tables.filter { !$0.isEqual }.map(\.table) == ["accounts"])
            #expect(outcome.tables.first?.firstDifference == 5)
            await #expect(throws: StoreError.self) { try await Self.opened(target) { _ in } }
            #expect(try await move.run(restarts: true).isVerified)
            #expect(try await move.verify().isVerified)
        }
    }

    @Test(arguments: Way.all)
    func `a target that holds something is refused and stays as it is`(way: Way) async throws {
        try await moving(way) { source, target in
            try await Self.fill(source)
            try await Self.opened(target) { try await $0.insert(accounts: 70...70) }
            let move = StoreMove(from: source, to: target, now: .start)
            for restarts in [false, true] {
                let fault = await #expect(throws: StoreMove.Fault.self) { try await move.run(restarts: restarts) }
                #expect(fault?.side == .target)
                #expect(fault?.reason == .unavailable("it is not empty: accounts has rows; give the move a new one"))
            }
            #expect(try await move.verify().isVerified == false)
            try await Self.opened(target) { store in
                let kept = try await store.read { try $0.account(id: Sample.id(70), realm: "one") }
                #expect(kept != nil)
            }
        }
    }

    @Test(arguments: Way.all)
    func `a store that somebody has open is neither source nor target`(way: Way) async throws {
        try await moving(way) { source, target in
            try await Self.fill(source)
            let move = StoreMove(from: source, to: target, now: .start)
            for (address, side) in [(source, StoreMove.Fault.Side.source), (target, .target)] {
                try await Self.opened(address) { _ in
                    let fault = await #expect(throws: StoreMove.Fault.self) { try await move.run() }
                    #expect(fault?.side == side)
                    let isTold = String(describing: fault?.reason).contains("has it open")
                    #expect(isTold)
                }
            }
        }
    }

    @Test func `a source in SQLite cannot be written while it is read`() async throws {
        try await moving(Way.all[0]) { source, target in
            try await Self.fill(source)
            guard case .sqlite(let path) = source else { return }
            let outcome = try await StoreMove(from: source, to: target, pageSize: 3, now: .start).run { step in
                guard step.done == step.total else { return }
                #expect(throws: StoreError.unavailable("the store is locked by another process")) {
                    _ = try SQLStore.sqlite(path: path, now: .start, busyTimeout: .milliseconds(20))
                }
            }
            #expect(outcome.isVerified)
        }
    }

    @Test func `a source in PostgreSQL cannot be written while it is read`() async throws {
        let cluster = try await PostgresCluster.common()
        try await moving(Way.all[2]) { source, target in
            try await Self.fill(source)
            guard case .postgres(let url) = source else { return }
            let database = url.split(separator: "?")[0].split(separator: "/").last.map(String.init) ?? ""
            let outcome = try await StoreMove(from: source, to: target, pageSize: 3, now: .start).run { step in
                guard step.done == step.total else { return }
                #expect(throws: PostgresCluster.Missing.self) {
                    _ = try cluster.askHere("SET lock_timeout = '20ms'; UPDATE accounts SET version = 1", of: database)
                }
            }
            #expect(outcome.isVerified)
        }
    }

    @Test func `a source in PostgreSQL that could be written meanwhile is moved by another run`() async throws {
        let cluster = try await PostgresCluster.common()
        try await moving(Way.all[2]) { source, target in
            try await Self.fill(source)
            guard case .postgres(let url) = source else { return }
            let database = url.split(separator: "?")[0].split(separator: "/").last.map(String.init) ?? ""
            let move = StoreMove(from: source, to: target, pageSize: 3, now: .start)
            let lost = await #expect(throws: StoreMove.Fault.self) {
                _ = try await move.run { step in
                    guard step.done == step.total, step.phase == .verifying else { return }
                    let locks = "pg_locks WHERE mode = 'ShareLock' AND relation = 'accounts'::regclass"
                    _ = try cluster.askHere("SELECT pg_terminate_backend(pid) FROM \(locks)", of: database)
                }
            }
            #expect(lost?.side == .source)
            #expect(try await move.run().isVerified)
        }
    }

    @Test func `a store is not moved into itself, nor from where nothing is`() async throws {
        try await withFolder { folder in
            let here = StoreAddress.sqlite(path: folder + "/store.sqlite")
            try await Self.fill(here)
            let itself = await #expect(throws: StoreMove.Fault.self) {
                try await StoreMove(from: here, to: .sqlite(path: folder + "/./store.sqlite"), now: .start).run()
            }
            #expect(itself?.reason == .unavailable("it is the source itself"))
            let nowhere = await #expect(throws: StoreMove.Fault.self) {
                try await StoreMove(from: .sqlite(path: folder + "/none"), to: here, now: .start).run()
            }
            #expect(nowhere?.side == .source)
            #expect(!FileManager.default.fileExists(atPath: folder + "/none"))
        }
    }

    @Test(arguments: ["-wal", "-shm", "-journal", ".serving"])
    func `a store is not moved to a name that belongs to it, nor from one that belongs to the target`(ending: String) async throws {
        try await withFolder { folder in
            let here = StoreAddress.sqlite(path: folder + "/store.sqlite")
            let beside = StoreAddress.sqlite(path: folder + "/./store.sqlite" + ending)
            try await Self.fill(here)
            for (source, target) in [(here, beside), (beside, here)] {
                let fault = await #expect(throws: StoreMove.Fault.self) { try await StoreMove(from: source, to: target, now: .start).run() }
                let isTold = fault?.reason == .unavailable("one of the two is a file that belongs to the other: name another")
                #expect(isTold)
            }
            #expect(!FileManager.default.fileExists(atPath: folder + "/store.sqlite" + ending))
        }
    }

    @Test(arguments: [StoreKind.sqlite, .postgres])
    func `the tables are those of a store, and what they refer to stands before them`(kind: StoreKind) async throws {
        let tables = try StoreTable.all()
        try await kind.withStore { store in
            let store = try #require(store as? SQLStore)
            let sql =
                kind == .sqlite
                ? "SELECT name FROM sqlite_master WHERE type = 'table' AND substr(name, 1, 7) <> 'sqlite_'"
                : "SELECT table_name::text FROM information_schema.tables WHERE table_schema = current_schema()"
            let names = try await store.database.read { connection in
                try connection.query(sql, []).map { row in
                    var row = row
                    return try row.text()
                }
            }
            #expect(Set(names) == Set(tables.map(\.name) + ["migrations", "changes", "request_counts"]))
        }
        let statements = Migration.all.flatMap(\.statements)
        for (place, table) in tables.enumerated() {
            let later = Set(tables.dropFirst(place + 1).map(\.name))
            for statement in statements where statement.contains("TABLE \(table.name) ") {
                #expect(!later.contains(where: { statement.contains("REFERENCES \($0) ") }))
            }
        }
    }

    @Test func `an address shows nothing of a connection string`() {
        let address = StoreAddress("postgres://ann:hunter22@localhost/none")
        #expect("\(String(describing: address))".contains("hunter22") == false)
        #expect(StoreAddress("sqlite:/a/b")?.description == "sqlite:/a/b")
        #expect(StoreAddress("sqlite:") == nil)
        #expect(StoreAddress("/a/b") == nil)
    }

    /// `DRAGOMAN_MEASURE=100000` says how many accounts.
    @Test(.enabled(if: ProcessInfo.processInfo.environment["DRAGOMAN_MEASURE"] != nil))
    func `how long accounts take from SQLite to PostgreSQL`() async throws {
        let count = Int(ProcessInfo.processInfo.environment["DRAGOMAN_MEASURE"] ?? "") ?? 100_000
        try await moving(Way(source: .sqlite, target: .postgres)) { source, target in
            try await Self.opened(source) { store in
                for start in stride(from: 1, to: count, by: 10_000) { try await store.insert(accounts: start...(start + 9_999)) }
            }
            let clock = ContinuousClock()
            let start = clock.now
            var copied = Duration.zero
            let outcome = try await StoreMove(from: source, to: target, now: .start).run { step in
                if step.phase == .copying { copied = clock.now - start }
            }
            #expect(outcome.isVerified)
            print("\(count) accounts: copied in \(copied), all in \(clock.now - start)")
        }
    }

    // MARK: Stores

    private static let attributes: [String: Value] = [
        "name": .string("Žofie \u{1F98A}\"\\\n"), "since": .time(.start), "big": .int(.max), "none": .null, "yes": .bool(true),
        "long": .string(String(repeating: "ä", count: 200_000)), "list": .list([.number("1.50"), .object([.init("a", .string(""))])]),
    ]

    private func moving(_ way: Way, _ body: (StoreAddress, StoreAddress) async throws -> Void) async throws {
        try await Self.address(way.source) { source in
            try await Self.address(way.target) { target in try await body(source, target) }
        }
    }

    private static func address(_ kind: StoreKind, _ body: (StoreAddress) async throws -> Void) async throws {
        guard kind == .postgres else { return try await withFolder { try await body(.sqlite(path: $0 + "/store.sqlite")) } }
        try await PostgresCluster.common().withDatabase { try await body(.postgres(url: $0)) }
    }

    static func opened(_ address: StoreAddress, _ body: (SQLStore) async throws -> Void) async throws {
        let store =
            switch address {
            case .sqlite(let path): try SQLStore.sqlite(path: path, now: .start)
            case .postgres(let url): try await SQLStore.postgres(url: url, now: .start)
            }
        do {
            try await body(store)
        } catch {
            await store.close()
            throw error
        }
        await store.close()
    }

    /// Rows of every table, with NULLs, blobs, texts of all lengths, and numbers at their bounds.
    private static func fill(_ address: StoreAddress) async throws {
        try await opened(address) { store in
            try await store.write { transaction in
                var rich = Sample.account(1, email: "zoë+å@example.com")
                rich.attributes = attributes
                rich.passwordHash = "$2b$04$abc"
                rich.signInCount = .max
                _ = try transaction.insert(rich)
                for number in 2...10 { _ = try transaction.insert(Sample.account(number)) }
                _ = try transaction.insert(Sample.account(11, realm: "two"))
                for number in 1...7 { try transaction.insert(Sample.session(number, account: number)) }
                for number in 1...8 {
                    _ = try transaction.insert(
                        Sample.token(number, account: number, purpose: number > 4 ? .refresh : .access, session: number < 8 ? number : nil))
                }
                try transaction.put(APIKeyRecord(digest: Sample.digest(50), realm: "one", account: Sample.id(3), createdAt: .start))
                for number in 1...4 { try transaction.put(Sample.secret(number, account: number)) }
                _ = try transaction.use(Sample.secretID(2), at: .after(.seconds(1)))
                for number in 1...4 { _ = try transaction.count("bucket \(number) ü", window: .seconds(60), at: .start) }
                for number in 1...4 { try transaction.enqueue(Sample.mail("mail \(number)", created: .after(.seconds(number)))) }
                for number in 1...4 {
                    let name = SealedKey.Name(realm: "one", frontend: "shop \(number % 2)", purpose: "tokens", algorithm: "HS256")
                    _ = try transaction.insert(
                        SealedKey(name: name, number: Int64(number), sealed: [0, 255], createdAt: .start, signsFrom: .start))
                }
                try transaction.outboxFail("mail 4", at: .start, reason: "no such user")
            }
        }
    }
}
