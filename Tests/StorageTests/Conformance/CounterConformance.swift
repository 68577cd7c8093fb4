import Identity
import Testing

@Suite struct CounterConformance {
    @Test(arguments: StoreKind.allCases)
    func `a window starts with its first count and starts anew when it is over`(kind: StoreKind) async throws {
        try await kind.withStore { store in
            let counts = try await store.write { store in
                try [0, 5, 9, 10, 12].map { try store.count("login:a", window: .seconds(10), at: .after(.seconds($0))) }
            }
            let first = (Instant.start, Instant.after(.seconds(10)))
            let second = (Instant.after(.seconds(10)), Instant.after(.seconds(20)))
            #expect(
                counts == [
                    Counter(count: 1, startedAt: first.0, endsAt: first.1), Counter(count: 2, startedAt: first.0, endsAt: first.1),
                    Counter(count: 3, startedAt: first.0, endsAt: first.1), Counter(count: 1, startedAt: second.0, endsAt: second.1),
                    Counter(count: 2, startedAt: second.0, endsAt: second.1),
                ])
            let found = try await store.read { [try $0.counter("login:a"), try $0.counter("login:b")] }
            #expect(found == [counts[4], nil])
        }
    }

    @Test(arguments: StoreKind.allCases)
    func `a window that would start only after now starts now and keeps its count`(kind: StoreKind) async throws {
        try await kind.withStore { store in
            let counts = try await store.write { store in
                try [3600, 3601, 5, 4].map { try store.count("login:a", window: .seconds(10), at: .after(.seconds($0))) }
            }
            #expect(counts.map(\.count) == [1, 2, 3, 4])
            #expect(counts[2].startedAt == .after(.seconds(5)) && counts[2].endsAt == .after(.seconds(15)))
            #expect(counts[3].startedAt == .after(.seconds(4)) && counts[3].endsAt == .after(.seconds(14)))
        }
    }

    @Test(arguments: StoreKind.allCases)
    func `one is taken back from its own window alone, and never below none`(kind: StoreKind) async throws {
        try await kind.withStore { store in
            let counts = try await store.write { store in
                for _ in 0..<2 { _ = try store.count("login:a", window: .seconds(10), at: .start) }
                try store.uncount("login:a", since: .after(.seconds(1)))
                try store.uncount("nothing", since: .start)
                var counts = [try store.counter("login:a")?.count]
                for _ in 0..<3 {
                    try store.uncount("login:a", since: .start)
                    counts.append(try store.counter("login:a")?.count)
                }
                return counts + [try store.counter("nothing")?.count]
            }
            // What counts nothing any more leaves nothing behind.
            #expect(counts == [2, 1, nil, nil, nil])
        }
    }

    @Test(arguments: StoreKind.allCases)
    func `a cleared bucket starts anew, and others stay`(kind: StoreKind) async throws {
        try await kind.withStore { store in
            let found = try await store.write { store in
                for bucket in ["e\u{301}", "\u{E9}", "\u{E9}"] { _ = try store.count(bucket, window: .seconds(10), at: .start) }
                try store.clear("e\u{301}")
                try store.clear("nothing")
                return [try store.counter("e\u{301}")?.count, try store.counter("\u{E9}")?.count]
            }
            #expect(found == [nil, 2])
        }
    }
}
