import Identity
import Testing

@Suite struct SecretConformance {
    @Test(arguments: StoreKind.allCases)
    func `a secret is found by its account and by its digest, for its purpose alone`(kind: StoreKind) async throws {
        try await kind.withStore { store in
            try await store.insert(accounts: 1...2)
            let secret = Sample.secret(1, account: 1)
            try await store.write { try $0.put(secret) }
            let found = try await store.read { store in
                [
                    try store.secret(account: Sample.id(1), purpose: .confirm),
                    try store.secret(digest: Sample.digest(1), purpose: .confirm),
                    try store.secret(account: Sample.id(1), purpose: .reset), try store.secret(digest: Sample.digest(1), purpose: .reset),
                    try store.secret(account: Sample.id(2), purpose: .confirm),
                    try store.secret(digest: Sample.digest(2), purpose: .confirm),
                ]
            }
            #expect(found == [secret, secret, nil, nil, nil, nil])
        }
    }

    @Test(arguments: StoreKind.allCases)
    func `a newer secret voids the older of its purpose`(kind: StoreKind) async throws {
        try await kind.withStore { store in
            try await store.insert(accounts: 1...2)
            try await store.write { store in
                try store.put(Sample.secret(1, account: 1))
                try store.put(Sample.secret(2, account: 1, purpose: .reset))
                try store.put(Sample.secret(3, account: 2))
                try store.put(Sample.secret(4, account: 1, created: .after(.seconds(1))))
                #expect(try store.use(Sample.secretID(1), at: .after(.seconds(2))) == false)
                #expect(try store.secret(digest: Sample.digest(1), purpose: .confirm) == nil)
                #expect(try store.secret(account: Sample.id(1), purpose: .confirm)?.id == Sample.secretID(4))
                #expect(try store.secret(account: Sample.id(1), purpose: .reset)?.id == Sample.secretID(2))
                #expect(try store.secret(account: Sample.id(2), purpose: .confirm)?.id == Sample.secretID(3))
            }
            await #expect(throws: StoreError.self) { try await store.write { try $0.put(Sample.secret(4, account: 2)) } }
        }
    }

    @Test(arguments: StoreKind.allCases)
    func `a secret is used once; then it is found by its digest only`(kind: StoreKind) async throws {
        try await kind.withStore { store in
            try await store.insert(accounts: 1...1)
            try await store.write { store in
                try store.put(Sample.secret(1, account: 1))
                #expect(try store.use(Sample.secretID(1), at: .after(.seconds(1))))
                #expect(try store.use(Sample.secretID(1), at: .after(.seconds(2))) == false)
                #expect(try store.use(Sample.secretID(9), at: .start) == false)
                #expect(try store.secret(account: Sample.id(1), purpose: .confirm) == nil)
                #expect(try store.secret(digest: Sample.digest(1), purpose: .confirm)?.usedAt == .after(.seconds(1)))
                try store.put(Sample.secret(2, account: 1))
                #expect(try store.secret(digest: Sample.digest(1), purpose: .confirm)?.voidedAt == nil)
            }
        }
    }

    @Test(arguments: StoreKind.allCases)
    func `wrong tries are counted, and at the limit the secret is void`(kind: StoreKind) async throws {
        try await kind.withStore { store in
            try await store.insert(accounts: 1...1)
            try await store.write { store in
                try store.put(Sample.secret(1, account: 1))
                #expect(try (1...2).map { _ in try store.countTry(Sample.secretID(1), limit: 3) } == [1, 2])
                #expect(try store.secret(account: Sample.id(1), purpose: .confirm)?.tries == 2)
                #expect(try (1...2).map { _ in try store.countTry(Sample.secretID(1), limit: 3) } == [3, 3])
                #expect(try store.secret(account: Sample.id(1), purpose: .confirm) == nil)
                #expect(try store.use(Sample.secretID(1), at: .start) == false)
                #expect(try store.countTry(Sample.secretID(9), limit: 3) == 3)
                try store.put(Sample.secret(2, account: 1))
                _ = try store.use(Sample.secretID(2), at: .start)
                #expect(try store.countTry(Sample.secretID(2), limit: 3) == 0)
            }
        }
    }

    @Test(arguments: StoreKind.allCases)
    func `what is void is void for its purpose alone`(kind: StoreKind) async throws {
        try await kind.withStore { store in
            try await store.insert(accounts: 1...1)
            try await store.write { store in
                try store.put(Sample.secret(1, account: 1))
                try store.put(Sample.secret(2, account: 1, purpose: .reset))
                try store.void(account: Sample.id(1), purpose: .confirm)
                try store.void(account: Sample.id(1), purpose: .loginCode)
                #expect(try store.use(Sample.secretID(1), at: .start) == false)
                #expect(try store.use(Sample.secretID(2), at: .start))
            }
        }
    }
}
