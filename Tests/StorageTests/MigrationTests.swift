import Foundation
import Identity
import Storage
import Testing

@Suite struct MigrationTests {
    @Test func `stores that open one new file together migrate it once`() async throws {
        try await withFolder { folder in
            let path = folder + "/store.sqlite"
            let stores = try await together(4) { _ in try SQLStore.sqlite(path: path, now: .start) }
            for (number, store) in stores.enumerated() { try await store.insert(accounts: number...number) }
            let names = try await Self.applied(stores[0])
            #expect(names == Migration.all.map(\.name))
            for store in stores { await store.close() }
        }
    }

    @Test func `a schema that a newer version wrote is refused in words and left alone`() async throws {
        try await refusal("INSERT INTO migrations (place, name, applied_at) VALUES (99, 'sailing', 0)") { error in
            #expect("\(error)".contains("sailing"))
            #expect("\(error)".contains("a newer version wrote it"))
        }
    }

    @Test func `a schema with a hole in its history is refused in words`() async throws {
        try await refusal("DELETE FROM migrations WHERE place = 0") { #expect("\($0)".contains("not in order")) }
    }

    @Test func `a file that is no store of ours is refused in words and left alone`() async throws {
        try await withFolder { folder in
            let path = folder + "/store.sqlite"
            let text = Data(String(repeating: "not a database. ", count: 500).utf8)
            try text.write(to: URL(filePath: path))
            #expect(throws: StoreError.damaged("the store's file is not an SQLite database")) {
                _ = try SQLStore.sqlite(path: path, now: .start)
            }
            #expect(try Data(contentsOf: URL(filePath: path)) == text)
        }
        try await refusal("ALTER TABLE migrations RENAME TO others") { #expect("\($0)".contains("another program")) }
    }

    @Test func `a folder that cannot be made is named in words without its path`() async throws {
        try await withFolder { folder in
            try Data().write(to: URL(filePath: folder + "/file"))
            #expect(throws: StoreError.unavailable("the store's file cannot be created: a part of its path is a file")) {
                _ = try SQLStore.sqlite(path: folder + "/file/store.sqlite", now: .start)
            }
        }
    }

    @Test func `migrations that stop half-way leave nothing and are applied when they are run again`() async throws {
        try await withFolder { folder in
            let store = try SQLStore.sqlite(path: folder + "/store.sqlite", now: .start)
            let first = Migration(name: "ship", statements: ["CREATE TABLE ships (id BIGINT)", "INSERT INTO ships VALUES (1)"])
            let broken = Migration(name: "crew", statements: ["CREATE TABLE crew (id BIGINT)", "INSERT INTO nowhere VALUES (1)"])
            let sound = Migration(name: "crew", statements: ["CREATE TABLE crew (id BIGINT)"])
            await #expect(throws: StoreError.self) {
                try await store.database.write { try Migration.apply(Migration.all + [first, broken], to: $0, at: .start) }
            }
            #expect(try await Self.applied(store) == Migration.all.map(\.name))
            for _ in 0..<2 {
                try await store.database.write { try Migration.apply(Migration.all + [first, sound], to: $0, at: .start) }
            }
            let ships = try await store.database.read { try $0.query("SELECT id FROM ships", []).count }
            #expect(ships == 1)
            #expect(try await Self.applied(store) == Migration.all.map(\.name) + ["ship", "crew"])
            await store.close()
        }
    }

    @Test func `migrations have names of their own`() {
        #expect(Set(Migration.all.map(\.name)).count == Migration.all.count)
    }

    private static func applied(_ store: SQLStore) async throws -> [String] {
        try await store.database.read { connection in
            try connection.query("SELECT name FROM migrations ORDER BY place", []).map { row in
                var row = row
                return try row.text()
            }
        }
    }

    /// Spoils a store by one statement and gives the error of opening it again.
    private func refusal(_ spoiling: String, _ check: (StoreError) throws -> Void) async throws {
        try await withFolder { folder in
            let path = folder + "/store.sqlite"
            let store = try SQLStore.sqlite(path: path, now: .start)
            _ = try await store.database.write { try $0.execute(spoiling, []) }
            await store.close()
            let error = try #require(throws: StoreError.self) { _ = try SQLStore.sqlite(path: path, now: .start) }
            try check(error)
        }
    }
}
