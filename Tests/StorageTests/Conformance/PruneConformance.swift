import Identity
import Testing

@Suite struct PruneConformance {
    @Test(arguments: StoreKind.allCases)
    func `nothing goes before its time`(kind: StoreKind) async throws {
        try await kind.withStore { store in
            try await Self.fill(store)
            let gone = try await store.write { try $0.prune(at: .after(.seconds(99)), limit: 100) }
            #expect(gone == 0)
        }
    }

    @Test(arguments: StoreKind.allCases)
    func `each kind goes when its time is over, a session after its tokens`(kind: StoreKind) async throws {
        try await kind.withStore { store in
            try await Self.fill(store)
            // Counters at 100 s; tokens, then sessions; secrets and sent mails; failed mails. Waiting mails never.
            let moments: [Duration] = [
                .seconds(100), .seconds(100) + Retention.tokens, .seconds(100) + Retention.secrets, .seconds(100) + Retention.failedMails,
                .seconds(1_000_000_000),
            ]
            var gone: [Int] = []
            for moment in moments { gone.append(try await store.write { try $0.prune(at: .after(moment), limit: 100) }) }
            #expect(gone == [3, 6, 6, 3, 0])
            let waiting = try await store.read { try $0.outbox(state: nil, limit: 9) }
            #expect(waiting.map(\.state) == [.waiting, .waiting, .waiting])
            let accounts = try await store.read { try $0.accountCount(realm: "one") }
            #expect(accounts == 3)
        }
    }

    @Test(arguments: StoreKind.allCases)
    func `at most so many of each kind go at once`(kind: StoreKind) async throws {
        try await kind.withStore { store in
            try await Self.fill(store)
            var gone: [Int] = []
            for _ in 0..<4 { gone.append(try await store.write { try $0.prune(at: .after(.seconds(1_000_000_000)), limit: 2) }) }
            // Tokens, sessions, secrets, counters, mails: 3 of each, of the mails 6.
            #expect(gone == [10, 6, 2, 0])
        }
    }

    private static func fill(_ store: any IdentityStore) async throws {
        try await store.insert(accounts: 1...3)
        try await store.write { store in
            for number in 1...3 {
                let end = Duration.seconds(100)
                try store.insert(Sample.session(number, account: number, ends: end))
                _ = try store.insert(Sample.token(number, account: number, session: number, ends: end))
                try store.put(Sample.secret(number, account: number, ends: end))
                _ = try store.count("bucket \(number)", window: end, at: .start)
                for state in OutboxEntry.State.allCases {
                    let id = "\(state.rawValue) \(number)"
                    try store.enqueue(Sample.mail(id))
                    if state == .sent { try store.outboxSent(id, at: .after(end)) }
                    if state == .failed { try store.outboxFail(id, at: .after(end), reason: "refused") }
                }
            }
        }
    }
}
