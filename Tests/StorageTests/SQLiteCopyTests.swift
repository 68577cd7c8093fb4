import Foundation
import Identity
import Storage
import Testing

@Suite struct SQLiteCopyTests {
    @Test func `a backup is taken while the store is open and written, has its owner's mode, and opens as a store`() async throws {
        try await withFolder { folder in
            let store = try SQLStore.sqlite(path: folder + "/store.sqlite", now: .start)
            try await store.insert(accounts: 1...20)
            async let writing: Void = store.insert(accounts: 21...400)
            let report = try SQLiteCopy.make(of: folder + "/store.sqlite", as: folder + "/copy", replaces: false)
            try await writing
            await store.close()
            let names = try StoreTable.all().map(\.name)
            #expect(report.rows.map(\.table) == names)
            let accounts = report.rows.first { $0.table == "accounts" }?.rows
            #expect(accounts == 20 || accounts == 400)
            #expect(try Self.mode(folder + "/copy") == 0o600)
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder).sorted().filter { $0.hasPrefix("copy") } == ["copy"])
            let copy = try SQLStore.sqlite(path: folder + "/copy", now: .start)
            #expect(try await copy.read { try $0.account(id: Sample.id(20), realm: "one") } != nil)
            await copy.close()
        }
    }

    @Test func `a backup replaces a file only when it is told to`() async throws {
        try await withFolder { folder in
            try await Self.store(folder, accounts: 1...3)
            try Data("precious".utf8).write(to: URL(filePath: folder + "/copy"))
            #expect(throws: StoreError.self) {
                _ = try SQLiteCopy.make(of: folder + "/store.sqlite", as: folder + "/copy", replaces: false)
            }
            #expect(try Data(contentsOf: URL(filePath: folder + "/copy")) == Data("precious".utf8))
            _ = try SQLiteCopy.make(of: folder + "/store.sqlite", as: folder + "/copy", replaces: true)
            #expect(try SQLiteCopy.check(folder + "/copy").rows.first { $0.table == "accounts" }?.rows == 3)
            #expect(throws: StoreError.unavailable("there is no store yet")) {
                _ = try SQLiteCopy.make(of: folder + "/none", as: folder + "/other", replaces: false)
            }
            #expect(!FileManager.default.fileExists(atPath: folder + "/none"))
        }
    }

    @Test(arguments: ["", "-wal", "-shm", "-journal", ".serving"], ["plain", "detour", "link", "hard link"])
    func `no backup takes the place of the store that is served, or of a file beside it, by whatever name`(
        ending: String, name: String
    ) async throws {
        try await withFolder { folder in
            let path = folder + "/store.sqlite"
            let store = try SQLStore.sqlite(path: path, now: .start)
            try await store.insert(accounts: 1...3)
            let manager = FileManager.default
            try Data().write(to: URL(filePath: path + ".serving"))
            let target = path + ending
            let file =
                switch name {
                case "detour": folder + "/../\(URL(filePath: folder).lastPathComponent)/./store.sqlite\(ending)"
                case "link", "hard link": folder + "/other"
                default: target
                }
            if name == "link" { try manager.createSymbolicLink(atPath: file, withDestinationPath: target) }
            // Of a rollback journal there is none while the store is in WAL mode, but its name is the store's all the same.
            if name == "hard link", manager.fileExists(atPath: target) { try manager.linkItem(atPath: target, toPath: file) }
            let isThere = manager.fileExists(atPath: file)
            guard isThere || name == "plain" || name == "detour" else { return await store.close() }
            #expect(throws: StoreError.self) { _ = try SQLiteCopy.make(of: path, as: file, replaces: true) }
            #expect(throws: StoreError.self) { _ = try SQLiteCopy.make(of: path, as: file, replaces: false) }
            #expect(manager.fileExists(atPath: file) == isThere)
            try await store.insert(accounts: 4...5)
            await store.close()
            #expect(try Self.accounts(path) == 5)
        }
    }

    @Test func `a store behind a link is spared where it lies, and so is a database that somebody else serves`() async throws {
        try await withFolder { folder in
            let manager = FileManager.default
            try await Self.store(folder, accounts: 1...3)
            let link = folder + "/link.sqlite"
            try manager.createSymbolicLink(atPath: link, withDestinationPath: folder + "/store.sqlite")
            let other = try SQLStore.sqlite(path: folder + "/other.sqlite", now: .start)
            try await other.insert(accounts: 1...2)
            for file in ["/store.sqlite", "/store.sqlite-wal", "/link.sqlite-wal", "/link.sqlite", "/other.sqlite"] {
                #expect(throws: StoreError.self, "\(file)") { _ = try SQLiteCopy.make(of: link, as: folder + file, replaces: true) }
            }
            await other.close()
            #expect(try Self.accounts(folder + "/other.sqlite") == 2)
        }
    }

    @Test func `a restored backup is the store, and the one of before is kept whole`() async throws {
        try await withFolder { folder in
            let path = folder + "/store.sqlite"
            try await Self.store(folder, accounts: 1...3)
            _ = try SQLiteCopy.make(of: path, as: folder + "/copy", replaces: false)
            try await Self.store(folder, accounts: 4...9)
            let report = try SQLiteCopy.restore(folder + "/copy", to: path, now: .start)
            #expect(report.kept == path + ".replaced-20260101T000000Z")
            #expect(try Self.accounts(path) == 3)
            #expect(try Self.accounts(try #require(report.kept)) == 9)
            #expect(try Self.mode(path) == 0o600)
            try await Self.store(folder, accounts: 10...10)
            #expect(try Self.accounts(path) == 4)
        }
    }

    @Test func `nothing is restored over a store that is open`() async throws {
        try await withFolder { folder in
            let path = folder + "/store.sqlite"
            try await Self.store(folder, accounts: 1...3)
            _ = try SQLiteCopy.make(of: path, as: folder + "/copy", replaces: false)
            let store = try SQLStore.sqlite(path: path, now: .start)
            try await store.insert(accounts: 4...4)
            #expect(throws: StoreError.unavailable("a server or another program has it open: stop it first")) {
                _ = try SQLiteCopy.restore(folder + "/copy", to: path, now: .start)
            }
            try await store.insert(accounts: 5...5)
            await store.close()
            #expect(try Self.accounts(path) == 5)
            let names = try FileManager.default.contentsOfDirectory(atPath: folder)
            #expect(!names.contains(where: { $0.contains(".replaced") || $0.hasSuffix(".new") }))
        }
    }

    @Test(arguments: ["flipped", "cut", "text", "stranger", "newer", "moving"])
    func `a copy that is not whole or not ours replaces nothing`(spoiling: String) async throws {
        try await withFolder { folder in
            let path = folder + "/store.sqlite"
            let copy = folder + "/copy"
            try await Self.store(folder, accounts: 1...300)
            _ = try SQLiteCopy.make(of: path, as: copy, replaces: false)
            var bytes = try Data(contentsOf: URL(filePath: copy))
            switch spoiling {
            case "flipped": for place in stride(from: 8192, to: bytes.count, by: 997) { bytes[place] ^= 0x55 }
            case "cut": bytes = bytes.prefix(bytes.count / 2)
            case "text": bytes = Data("no database at all".utf8)
            default: break
            }
            try bytes.write(to: URL(filePath: copy))
            let statements = [
                "stranger": "ALTER TABLE migrations RENAME TO others",
                "newer": "INSERT INTO migrations (place, name, applied_at) VALUES (99, 'sailing', 0)",
                "moving": "INSERT INTO migrations (place, name, applied_at) VALUES (1000000, 'unfinished move', 0)",
            ]
            if let statement = statements[spoiling] {
                let store = try SQLStore.sqlite(path: copy, now: .start)
                _ = try await store.database.write { try $0.execute(statement, []) }
                await store.close()
            }
            #expect(throws: StoreError.self) { _ = try SQLiteCopy.restore(copy, to: path, now: .start) }
            #expect(try Self.accounts(path) == 300)
        }
    }

    @Test func `a damaged store is replaced, and kept as it is`() async throws {
        try await withFolder { folder in
            let path = folder + "/store.sqlite"
            try await Self.store(folder, accounts: 1...3)
            _ = try SQLiteCopy.make(of: path, as: folder + "/copy", replaces: false)
            try Data(String(repeating: "rubbish ", count: 2000).utf8).write(to: URL(filePath: path))
            let report = try SQLiteCopy.restore(folder + "/copy", to: path, now: .start)
            let kept = try #require(report.kept)
            #expect(try Self.accounts(path) == 3)
            #expect(try Data(contentsOf: URL(filePath: kept)).starts(with: Data("rubbish ".utf8)))
        }
    }

    @Test func `a copy is restored where no store is yet`() async throws {
        try await withFolder { folder in
            try await Self.store(folder, accounts: 1...3)
            let report = try SQLiteCopy.restore(folder + "/store.sqlite", to: folder + "/new/state/store.sqlite", now: .start)
            #expect(report.kept == nil)
            #expect(try Self.accounts(folder + "/new/state/store.sqlite") == 3)
        }
    }

    private static func store(_ folder: String, accounts: ClosedRange<Int>) async throws {
        let store = try SQLStore.sqlite(path: folder + "/store.sqlite", now: .start)
        try await store.insert(accounts: accounts)
        await store.close()
    }

    private static func accounts(_ path: String) throws -> Int64? {
        try SQLiteCopy.check(path).rows.first { $0.table == "accounts" }?.rows
    }

    private static func mode(_ path: String) throws -> Int? {
        try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
    }
}
