import Identity
import TestSupport
import Testing

@testable import Storage

@Suite struct OutboxPlanTests {
    // SQLite knows no numbers about its tables, as nothing here gathers any; PostgreSQL gathers them by itself.
    @Test func `a claim reads the mails that are due in the order of an index, however many they are`() async throws {
        try await withFolder { folder in
            let store = try SQLStore.sqlite(path: folder + "/store.sqlite", now: .start)
            let steps = try await store.database.write { connection in
                try connection.query("EXPLAIN QUERY PLAN \(SQLTransaction.claim)", [.integer(0), .integer(1)]).map { row in
                    var row = row
                    _ = (try row.integer(), try row.integer(), try row.integer())
                    return try row.text()
                }
            }
            await store.close()
            #expect(steps.contains { $0.hasPrefix("SEARCH outbox USING INDEX outbox_") })
            // Only mails that became due at one microsecond may be put in order by themselves.
            #expect(!steps.contains("USE TEMP B-TREE FOR ORDER BY"))
            #expect(!steps.contains { $0.hasPrefix("SCAN") })
        }
    }

    @Test func `so does PostgreSQL's`() async throws {
        try await PostgresCluster.common().withDatabase { url in
            let store = try await SQLStore.postgres(url: url, now: .start)
            // So many inserts are no request.
            let steps = try await StorePatience.$current.withValue(.work) {
                try await store.write { store in
                    for number in 0..<2_000 { try store.enqueue(Sample.mail("\(number)", created: .after(.milliseconds(number)))) }
                }
                return try await store.database.write { connection in
                    _ = try connection.execute("ANALYZE outbox", [])
                    return try connection.query(
                        "EXPLAIN \(SQLTransaction.claim)",
                        [.integer(Instant.after(.seconds(99)).microseconds), .integer(Instant.after(.seconds(199)).microseconds)]
                    ).map { row in
                        var row = row
                        return try row.text()
                    }
                }
            }
            await store.close()
            #expect(steps.contains { $0.contains("Index") && $0.contains("outbox_due") }, "\(steps)")
            #expect(!steps.contains { $0.contains("Seq Scan") || $0.contains("Sort") }, "\(steps)")
        }
    }
}
