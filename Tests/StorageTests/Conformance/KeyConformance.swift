import Identity
import Testing

@Suite struct KeyConformance {
    @Test(arguments: StoreKind.allCases)
    func `a key comes back as it was stored, and numbers of one name are given once`(kind: StoreKind) async throws {
        try await kind.withStore { store in
            let first = Self.key(1)
            var other = first
            other.name.frontend = "other"
            try await store.write { [other] store in
                let kept = try [first, other, Self.key(1, sealed: [9]), Self.key(2, ends: .seconds(9))].map { try store.insert($0) }
                #expect(kept == [true, true, false, true])
            }
            let keys = try await store.read { try $0.sealedKeys() }
            #expect(Set(keys) == [first, other, Self.key(2, ends: .seconds(9))])
            #expect(keys.map(\.number) == [1, 1, 2])
        }
    }

    @Test(arguments: StoreKind.allCases)
    func `of many instances that make the first key at once one wins, and all read that one`(kind: StoreKind) async throws {
        try await kind.withStore { store in
            let seen = try await together(50) { number in
                let won = try await store.write { try $0.insert(Self.key(1, sealed: [UInt8(number)])) }
                return (won, try await store.read { try $0.sealedKeys() }.map(\.sealed))
            }
            #expect(seen.count { $0.0 } == 1)
            #expect(Set(seen.map(\.1)).count == 1)
        }
    }

    @Test(arguments: StoreKind.allCases)
    func `the keys before a new one end, and never later than they would have`(kind: StoreKind) async throws {
        try await kind.withStore { store in
            var other = Self.key(1)
            other.name.algorithm = "EdDSA"
            try await store.write { [other] store in
                _ = try store.insert(other)
                for (number, end) in [(1, Duration.seconds(50)), (2, .seconds(200)), (3, nil), (4, nil)] {
                    _ = try store.insert(Self.key(Int64(number), ends: end))
                }
                try store.endKeys(of: Self.name, below: 4, at: .after(.seconds(100)))
            }
            let keys = try await store.read { try $0.sealedKeys() }
            let ends = keys.filter { $0.name == Self.name }.map(\.endsAt)
            #expect(ends == [.after(.seconds(50)), .after(.seconds(100)), .after(.seconds(100)), nil])
            #expect(keys.filter { $0.name == other.name }.map(\.endsAt) == [nil])
        }
    }

    @Test(arguments: StoreKind.allCases)
    func `a key is pruned when its end has come, and one without an end never`(kind: StoreKind) async throws {
        try await kind.withStore { store in
            try await store.write { store in
                for (number, end) in [(1, Duration.seconds(50)), (2, .seconds(60)), (3, .seconds(70)), (4, nil)] {
                    _ = try store.insert(Self.key(Int64(number), ends: end))
                }
            }
            var gone: [Int] = []
            for seconds in [49, 60, 60, 1_000_000_000] {
                gone.append(try await store.write { try $0.prune(at: .after(.seconds(seconds)), limit: 1) })
            }
            #expect(gone == [0, 1, 1, 1])
            let left = try await store.read { try $0.sealedKeys() }
            #expect(left.map(\.number) == [4])
        }
    }

    @Test(arguments: StoreKind.allCases)
    func `a rotation that fails leaves everything as it was`(kind: StoreKind) async throws {
        try await kind.withStore { store in
            _ = try await store.write { try $0.insert(Self.key(1)) }
            await #expect(throws: StoreError.conflict) {
                try await store.write { store in
                    _ = try store.insert(Self.key(2))
                    try store.endKeys(of: Self.name, below: 2, at: .start)
                    throw StoreError.conflict
                }
            }
            let left = try await store.read { try $0.sealedKeys() }
            #expect(left == [Self.key(1)])
        }
    }

    private static let name = SealedKey.Name(realm: "one", frontend: "shop", purpose: "tokens", algorithm: "HS256")

    private static func key(_ number: Int64, sealed: [UInt8] = [0, 1, 255], ends: Duration? = nil) -> SealedKey {
        SealedKey(
            name: name, number: number, sealed: sealed, createdAt: .start, signsFrom: .after(.seconds(5)),
            endsAt: ends.map(Instant.after))
    }
}
