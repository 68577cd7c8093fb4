import Dispatch
import Foundation
import Identity
import Synchronization
import Testing

@testable import Storage

@Suite struct SQLiteTests {
    @Test func `what is answered is on the disk: WAL, and FULL on the writer`() async throws {
        try await withStore { store, _ in
            let pragmas = try await store.database.write { connection in
                try ["journal_mode", "synchronous", "foreign_keys"].map { try connection.query("PRAGMA \($0)", []) }
            }
            var (mode, synchronous, keys) = (pragmas[0][0], pragmas[1][0], pragmas[2][0])
            #expect(try mode.text() == "wal")
            #expect(try synchronous.integer() == 2)
            #expect(try keys.integer() == 1)
        }
    }

    @Test func `only the owner can read the files`() async throws {
        try await withFolder { folder in
            let store = try SQLStore.sqlite(path: folder + "/state/deep/store.sqlite", now: .start)
            try await store.insert(accounts: 1...1)
            let modes = try [
                "/state", "/state/deep", "/state/deep/store.sqlite", "/state/deep/store.sqlite-wal", "/state/deep/store.sqlite-shm",
            ]
            .map { try FileManager.default.attributesOfItem(atPath: folder + $0)[.posixPermissions] as? Int }
            #expect(modes == [0o700, 0o700, 0o600, 0o600, 0o600])
            await store.close()
        }
    }

    @Test func `what was written is there when the file is opened again`() async throws {
        try await withFolder { folder in
            let path = folder + "/store.sqlite"
            let first = try SQLStore.sqlite(path: path, now: .start)
            try await first.insert(accounts: 1...3)
            await first.close()
            let second = try SQLStore.sqlite(path: path, now: .after(.seconds(9)))
            let count = try await second.read { try $0.accountCount(realm: "one") }
            #expect(count == 3)
            await second.close()
        }
    }

    @Test func `whoever waits for a lock waits by the clock, however long each try takes`() {
        let wait = SQLiteBusyWait(limit: .milliseconds(300))
        for _ in 0..<2 {
            #expect(wait.goesOn(after: 0))
            usleep(300_000)
            #expect(!wait.goesOn(after: 1))
        }
    }

    @Test func `a write waits while another holds the lock, and reads go on`() async throws {
        try await withFolder { folder in
            let path = folder + "/store.sqlite"
            // However slow the machine is, the reads end first.
            let store = try SQLStore.sqlite(path: path, now: .start, busyTimeout: .seconds(3600))
            try await store.insert(accounts: 1...1)
            let other = try SQLStore.sqlite(path: path, now: .start)
            let lock = HeldLock()
            async let holder: Void = lock.hold(other)
            await lock.isTaken()
            let isWritten = Mutex(false)
            async let writing: Void = {
                try await store.insert(accounts: 2...2)
                isWritten.withLock { $0 = true }
            }()
            for _ in 0..<5 {
                let count = try await store.read { try $0.accountCount(realm: "one") }
                #expect(count == 1)
            }
            #expect(isWritten.withLock { $0 } == false)
            lock.release()
            try await holder
            try await writing
            let count = try await store.read { try $0.accountCount(realm: "one") }
            #expect(count == 2)
            await store.close()
            await other.close()
        }
    }

    @Test func `a lock that is held too long makes writes unavailable, not lost, and the next one works`() async throws {
        try await withFolder { folder in
            let path = folder + "/store.sqlite"
            let store = try SQLStore.sqlite(path: path, now: .start, busyTimeout: .milliseconds(20))
            let other = try SQLStore.sqlite(path: path, now: .start)
            let lock = HeldLock()
            async let holder: Void = lock.hold(other)
            await lock.isTaken()
            let refused = try await together(20) { number in
                do {
                    try await store.insert(accounts: number...number)
                    return StoreError?.none
                } catch let error as StoreError {
                    return error
                }
            }
            #expect(Set(refused) == [.unavailable("the store is locked by another process")])
            lock.release()
            try await holder
            try await store.insert(accounts: 1...1)
            let count = try await store.read { try $0.accountCount(realm: "one") }
            #expect(count == 1)
            await store.close()
            await other.close()
        }
    }

    @Test func `on a full disk writes are unavailable and reads go on, and both work again after`() async throws {
        try await withStore { store, _ in
            try await store.insert(accounts: 1...1)
            try await Self.limit(store, pages: "1")
            let long = String(repeating: "x", count: 5000)
            let kept = try await together(60) { number in
                do {
                    var account = Sample.account(100 + number)
                    account.plan = long
                    _ = try await store.write { [account] in try $0.insert(account) }
                    return StoreError?.none
                } catch let error as StoreError {
                    return error
                }
            }
            #expect(kept.allSatisfy { if case .unavailable = $0 { true } else { false } })
            #expect(kept.contains(.unavailable("the disk is full")))
            let count = try await store.read { try $0.accountCount(realm: "one") }
            #expect(count == 1)
            try await Self.limit(store, pages: "1073741823")
            try await store.insert(accounts: 2...9)
            let after = try await store.read { try $0.accountCount(realm: "one") }
            #expect(after == 9)
        }
    }

    @Test func `an answer does not rest on what a sibling of the same commit wrote and lost`() async throws {
        try await withStore { store, _ in
            let database = try #require(store.database as? SQLiteDatabase)
            let lock = HeldLock()
            async let holder: Void = lock.hold(store)
            await lock.isTaken()
            let spoilt = Task {
                try await database.write { connection in
                    // Found out by the commit alone.
                    _ = try connection.query("PRAGMA defer_foreign_keys = ON", [])
                    let (id, nobody) = (SQLValue.blob(Sample.bytes(1, count: 16)), SQLValue.blob(Sample.bytes(2, count: 16)))
                    return try connection.execute(
                        "INSERT INTO sessions (id, realm, account, created_at, expires_at) VALUES (?1, ?2, ?3, 1, 2)",
                        [id, .text("one"), nobody])
                }
            }
            async let answers = together(2) { number in
                do {
                    _ = try await store.write { try $0.insert(Sample.account(number + 1, email: "same@example.com")) }
                    return StoreError?.none
                } catch let error as StoreError {
                    return error
                }
            }
            while database.waiting < 3 { await Task.yield() }
            lock.release()
            try await holder
            let failure = StoreError.damaged("the account or session of a row is not there")
            let told = try await answers
            #expect(told == [failure, failure])
            await #expect(throws: failure) { try await spoilt.value }
        }
    }

    @Test func `only what others write counts as a foreign change`() async throws {
        try await withStore { store, path in
            let before = try await store.foreignChanges()
            try await store.insert(accounts: 1...5)
            #expect(try await store.foreignChanges() == before)
            let other = try SQLStore.sqlite(path: path, now: .start)
            let opened = try await store.foreignChanges()
            try await other.insert(accounts: 6...6)
            let after = try await store.foreignChanges()
            #expect(after != opened)
            try await store.insert(accounts: 7...7)
            #expect(try await store.foreignChanges() == after)
            await other.close()
        }
    }

    private static func limit(_ store: SQLStore, pages: String) async throws {
        _ = try await store.database.write { try $0.query("PRAGMA max_page_count = \(pages)", []) }
    }

    private func withStore(_ body: (SQLStore, String) async throws -> Void) async throws {
        try await withFolder { folder in
            let store = try SQLStore.sqlite(path: folder + "/store.sqlite", now: .start)
            try await body(store, folder + "/store.sqlite")
            await store.close()
        }
    }
}

/// A write transaction that keeps the file's write lock until it is told to let go.
private final class HeldLock: Sendable {
    private let taken = AsyncStream<Void>.makeStream()
    private let released = DispatchSemaphore(value: 0)

    func hold(_ store: SQLStore) async throws {
        try await store.write { [taken, released] transaction in
            _ = try transaction.nextSerial(realm: "lock")
            taken.continuation.finish()
            released.wait()
        }
    }

    func isTaken() async { for await _ in taken.stream {} }
    func release() { released.signal() }
}
