import Foundation
import Identity
import Synchronization
import TestSupport
import Testing

@testable import Storage

@Suite struct PostgresTests {
    // MARK: The session

    @Test func `our limits hold in a session, and those that somebody has set for the connection stand`() async throws {
        try await withDatabase { url in
            let names = [
                "statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout", "synchronous_commit", "application_name",
                "transaction_isolation", "client_encoding",
            ]
            let settings: @Sendable (String) async throws -> [String] = { url in
                let database = try PostgresDatabase(url)
                let found = try await database.write { connection in
                    try names.map { name in
                        var row = try connection.query("SELECT current_setting('\(name)')", [])[0]
                        return try row.text()
                    }
                }
                await database.close()
                return found
            }
            let ours = try await settings(url)
            #expect(ours == ["1500ms", "1400ms", "10s", "on", "dragoman", "serializable", "UTF8"])
            let theirs = "&application_name=other&options=-c%20lock_timeout%3D1s%20-c%20synchronous_commit%3Doff"
            let mixed = try await settings(url + theirs)
            #expect(mixed == ["1500ms", "1s", "10s", "on", "other", "serializable", "UTF8"])
        }
    }

    @Test func `texts sort and compare by their bytes`() async throws {
        try await withStore { store, _ in
            let sorted = try await store.database.write { connection in
                for text in ["b", "B", "a", "ä", "Z", "é"] {
                    _ = try connection.execute("INSERT INTO serials (realm, last) VALUES (?1, 1)", [.text(text)])
                }
                return try connection.query("SELECT realm FROM serials ORDER BY realm", []).map { row in
                    var row = row
                    return try row.text()
                }
            }
            #expect(sorted == ["B", "Z", "a", "b", "ä", "é"])
        }
    }

    @Test func `values come back as they went`() async throws {
        try await withStore { store, _ in
            let kinds: [(type: String, values: [SQLValue])] = [
                ("bigint", [.integer(.min), .null, .integer(-1), .integer(0), .integer(.max)]),
                ("text", [.null, .text(""), .text("a\u{10FFFF}'\\$1")]), ("bytea", [.blob([]), .blob([0, 255]), .null]),
            ]
            for (type, values) in kinds {
                let back = try await store.database.read { connection in
                    try values.map { value in try connection.query("SELECT CAST(?1 AS \(type))", [value])[0] }
                }
                #expect(back == values.map { SQLRow([$0]) })
            }
        }
    }

    @Test func `a number that has no room left is refused in words`() async throws {
        try await withStore { store, _ in
            try await store.database.write { connection in
                _ = try connection.execute("INSERT INTO serials (realm, last) VALUES ('one', ?1)", [.integer(.max)])
            }
            await #expect(throws: StoreError.damaged("PostgreSQL 22003")) { _ = try await store.write { try $0.nextSerial(realm: "one") } }
        }
    }

    // MARK: Transactions

    @Test func `a body that goes on after a refused row keeps nothing`() async throws {
        try await withStore { store, _ in
            try await store.insert(accounts: 1...1)
            await #expect(throws: StoreError.damaged("the account or session of a row is not there")) {
                try await store.write { store in
                    _ = try store.insert(Sample.account(2))
                    try? store.insert(Sample.session(1, account: 9))
                    _ = try? store.insert(Sample.account(3))
                }
            }
            let found1 = try await store.read { try $0.accountCount(realm: "one") }
            #expect(found1 == 1)
        }
    }

    @Test func `what two have read and then written as if the other were not there is run again`() async throws {
        try await withStore { store, _ in
            try await store.insert(accounts: 1...1)
            let meeting = Meeting(2)
            let attempts = Atomic<Int>(0)
            // Each writes only when the other's row is not there: one after the other, only one would.
            let written = try await together(2) { number in
                try await store.write { store in
                    attempts.wrappingAdd(1, ordering: .relaxed)
                    let isThere = try store.session(id: Sample.sessionID(1 - number)) != nil
                    meeting.meet()
                    if !isThere { try store.insert(Sample.session(number, account: 1)) }
                    return !isThere
                }
            }
            #expect(written.count { $0 } == 1)
            #expect(attempts.load(ordering: .relaxed) == 3)
        }
    }

    @Test func `writers who lock each other out both come through`() async throws {
        try await withStore { store, _ in
            let meeting = Meeting(2)
            try await store.write { store in
                for number in 0..<2 { _ = try store.count("bucket \(number)", window: .seconds(60), at: .start) }
            }
            let counts = try await together(2) { number in
                try await store.write { store in
                    let first = try store.count("bucket \(number)", window: .seconds(60), at: .start).count
                    meeting.meet()
                    return [first, try store.count("bucket \(1 - number)", window: .seconds(60), at: .start).count].sorted()
                }
            }
            #expect(Set(counts.flatMap { $0 }) == [2, 3])
        }
    }

    @Test func `a row that is locked for too long makes a write unavailable, and the next one works`() async throws {
        try await withStore { store, url in
            try await store.write { _ = try $0.count("bucket", window: .seconds(60), at: .start) }
            let impatient = try PostgresDatabase(url + "&options=-c%20lock_timeout%3D50ms")
            try await store.write { store in
                _ = try store.count("bucket", window: .seconds(60), at: .start)
                let refused = Gate()
                Task {
                    await #expect(throws: StoreError.unavailable("a row is locked by somebody else for too long")) {
                        try await impatient.write { try $0.execute("UPDATE counters SET hits = 9", []) }
                    }
                    refused.open()
                }
                refused.pass()
            }
            let found2 = try await impatient.write { try $0.execute("UPDATE counters SET hits = 9", []) }
            #expect(found2 == 1)
            await impatient.close()
        }
    }

    @Test func `locked writers hold up no reader`() async throws {
        try await withDatabase { url in
            // The holder may be slow to let go on a busy machine.
            let patient = url + "&options=-c%20lock_timeout%3D60s%20-c%20statement_timeout%3D60s"
            let store = try await SQLStore.postgres(url: patient, now: .start)
            try await store.insert(accounts: 1...1)
            let (held, done) = (Gate(), Gate())
            async let holder: Void = store.write { store in
                _ = try store.count("bucket", window: .seconds(60), at: .start)
                held.open()
                done.pass()
            }
            await held.opened()
            async let others = together(5) { _ in
                try await store.write { try $0.count("bucket", window: .seconds(60), at: .start).count }
            }
            for _ in 0..<5 {
                let count = try await store.read { try $0.accountCount(realm: "one") }
                #expect(count == 1)
            }
            done.open()
            try await holder
            let found3 = try await others.sorted()
            #expect(found3 == Array(2...6))
            await store.close()
        }
    }

    // MARK: The schema

    @Test func `instances that open an empty database together migrate it once`() async throws {
        try await withDatabase { url in
            let stores = try await together(4) { _ in try await SQLStore.postgres(url: url, now: .start) }
            for (number, store) in stores.enumerated() { try await store.insert(accounts: number...number) }
            let found4 = try await Self.applied(stores[0])
            #expect(found4 == Migration.all.map(\.name))
            for store in stores { await store.close() }
        }
    }

    @Test func `where advisory locks do not hold the first migration's key decides`() async throws {
        try await withDatabase { url in
            let databases = try (0..<4).map { _ in try PostgresDatabase(url) }
            let meeting = Meeting(4)
            _ = try await together(4) { number in
                // Each holds a lock of its own.
                try await databases[number].migrate(lock: number) { connection in
                    meeting.meet()
                    try Migration.apply(Migration.all, to: connection, at: .start)
                }
            }
            let found5 = try await Self.applied(SQLStore(database: databases[0]))
            #expect(found5 == Migration.all.map(\.name))
            for database in databases { await database.close() }
        }
    }

    @Test(arguments: [
        ("INSERT INTO migrations (place, name, applied_at) VALUES (99, 'sailing', 0)", "a newer version wrote it"),
        ("DELETE FROM migrations WHERE place = 0", "not in order"),
        ("ALTER TABLE migrations RENAME COLUMN name TO file", "tables of another program"),
        ("ALTER TABLE migrations RENAME TO others", "tables of another program"),
    ])
    func `a schema that is not ours is refused in words and left alone`(spoiling: String, words: String) async throws {
        try await withStore { store, url in
            _ = try await store.database.write { try $0.execute(spoiling, []) }
            let error = try await #require(throws: StoreError.self) { _ = try await SQLStore.postgres(url: url, now: .start) }
            #expect("\(error)".contains(words))
        }
    }

    // MARK: Refusals

    @Test(arguments: [
        ("user=locked", "it wants a password and was given none"),
        ("user=locked password=hunter22", "it refuses the user or the password"),
        ("user=nobody_here", "it lets this user in from here by no way (its pg_hba.conf), or has no such user"),
        ("dbname=nothing_here", "it has no database of this name"),
        ("host=nowhere.invalid", "its host name is unknown"),
        ("host=127.0.0.1 port=1", "nobody listens there"),
        ("port=1", "nobody listens there"),
        ("sslmode=sideways", "a value in its address is not one that PostgreSQL knows"),
        ("host=127.0.0.1,{folder} port=1,1", "nobody listens there"),
        ("host=127.0.0.1 port=1 sslmode=verify-full sslrootcert=/nowhere/root.crt", "nobody listens there"),
    ])
    func `whoever is not let in is told why, without names and secrets`(change: String, reason: String) async throws {
        let folder = try await PostgresCluster.common().folder
        let options = change.replacing("{folder}", with: folder)
        var url = "user=dragoman dbname=postgres"
        if !options.contains("host=") { url += " host=\(folder)" }
        let asked = url + " " + options
        await #expect(throws: StoreError.unavailable("the database server: \(reason)")) {
            _ = try await SQLStore.postgres(url: asked, now: .start)
        }
    }

    @Test(arguments: ["postgres://user:hunter22@[host/db", "host", "hunter22 = = x", "postgres://%zz:hunter22@host/db"])
    func `a text that is no address is refused without being repeated`(text: String) async throws {
        let error = try await #require(throws: StoreError.self) { _ = try await SQLStore.postgres(url: text, now: .start) }
        #expect("\(error)".contains("postgres://USER:PASSWORD@HOST/DATABASE"))
        #expect(!"\(error)".contains("hunter22"))
    }

    @Test func `an address that asks for a standby is refused`() async throws {
        await #expect(throws: StoreError.self) {
            _ = try await SQLStore.postgres(url: "postgres://h/db?target_session_attrs=standby", now: .start)
        }
    }

    @Test func `a password that the address holds lets in`() async throws {
        let folder = try await PostgresCluster.common().folder
        let database = try PostgresDatabase("postgres://locked:secretive@/postgres?host=\(folder.replacing("/", with: "%2F"))")
        _ = try await database.read { try $0.query("SELECT 1", []) }
        await database.close()
    }

    @Test func `what the server says of values never reaches an error`() async throws {
        try await withStore { store, _ in
            let loud = """
                DO $$ BEGIN RAISE WARNING 'notice hunter22' USING DETAIL = 'hunter22'; RAISE EXCEPTION 'hunter22' USING DETAIL = 'hunter22';
                END $$
                """
            await #expect(throws: StoreError.damaged("PostgreSQL P0001")) {
                _ = try await store.database.write { try $0.execute(loud, []) }
            }
        }
    }

    @Test func `a commit that warns is not taken for one that holds`() async throws {
        try await withStore { store, _ in
            _ = try await store.database.write { connection in
                try [
                    """
                    CREATE FUNCTION warn() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE WARNING ''not replicated''; RETURN NULL; END'
                    """,
                    """
                    CREATE CONSTRAINT TRIGGER warn AFTER INSERT ON serials DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
                    EXECUTE FUNCTION warn()
                    """,
                ].map { try connection.execute($0, []) }
            }
            await #expect(throws: StoreError.unavailable("the connection was lost while the database committed")) {
                _ = try await store.write { try $0.nextSerial(realm: "one") }
            }
        }
    }

    // MARK: Steps

    private func withDatabase(_ body: (String) async throws -> Void) async throws {
        try await PostgresCluster.common().withDatabase(body)
    }

    private func withStore(_ body: (SQLStore, String) async throws -> Void) async throws {
        try await withDatabase { url in
            let store = try await SQLStore.postgres(url: url, now: .start)
            try await body(store, url)
            await store.close()
        }
    }

    private static func applied(_ store: SQLStore) async throws -> [String] {
        try await store.database.read { connection in
            try connection.query("SELECT name FROM migrations ORDER BY place", []).map { row in
                var row = row
                return try row.text()
            }
        }
    }
}
