import Identity
import Testing

@Suite struct OutboxConformance {
    @Test(arguments: StoreKind.allCases)
    func `mails are claimed in order of their time, and listed newest first`(kind: StoreKind) async throws {
        try await kind.withStore { store in
            try await store.write { store in
                try store.enqueue(Sample.mail("c", created: .after(.seconds(2))))
                try store.enqueue(Sample.mail("b", created: .after(.seconds(1))))
                try store.enqueue(Sample.mail("a", created: .after(.seconds(2))))
                try store.enqueue(Sample.mail("d", created: .after(.seconds(3))))
            }
            await #expect(throws: StoreError.self) { try await store.write { try $0.enqueue(Sample.mail("a")) } }
            let (listed, newest) = try await store.read { store in
                (try store.outbox(state: nil, limit: 9), try store.outbox(state: .waiting, limit: 1))
            }
            let due = try await store.write { store in
                try (0..<4).map { _ in try store.claimOutbox(at: .after(.seconds(2)), until: .after(.seconds(99)))?.id }
            }
            #expect(due == ["b", "a", "c", nil])
            #expect(listed.map(\.id) == ["d", "c", "a", "b"])
            #expect(newest.map(\.id) == ["d"])
        }
    }

    @Test(arguments: StoreKind.allCases)
    func `a mail that was put off goes behind those that were due before it`(kind: StoreKind) async throws {
        try await kind.withStore { store in
            let claimed = try await store.write { store in
                try store.enqueue(Sample.mail("poison"))
                try store.enqueue(Sample.mail("b", created: .after(.seconds(1))))
                try store.enqueue(Sample.mail("c", created: .after(.seconds(4))))
                try store.enqueue(Sample.mail("d", created: .after(.seconds(6))))
                try store.enqueue(Sample.mail("e", created: .after(.seconds(5))))
                try store.outboxPostpone("poison", until: .after(.seconds(5)), reason: "not now")
                return try (0..<6).map { _ in try store.claimOutbox(at: .after(.seconds(9)), until: .after(.seconds(99)))?.id }
            }
            // Of two that are due at one moment the older goes first.
            #expect(claimed == ["b", "c", "poison", "e", "d", nil])
        }
    }

    @Test(arguments: StoreKind.allCases)
    func `the oldest due mail is claimed once, and again when its time is over`(kind: StoreKind) async throws {
        try await kind.withStore { store in
            try await store.write { store in
                try store.enqueue(Sample.mail("b", created: .after(.seconds(1))))
                try store.enqueue(Sample.mail("a"))
                let (now, later) = (Instant.after(.seconds(5)), Instant.after(.seconds(60)))
                #expect(try store.claimOutbox(at: now, until: later)?.id == "a")
                #expect(try store.claimOutbox(at: now, until: later)?.id == "b")
                #expect(try store.claimOutbox(at: now, until: later) == nil)
                let again = try #require(try store.claimOutbox(at: later, until: .after(.seconds(120))))
                #expect(again.id == "a" && again.attempts == 0 && again.notBefore == .after(.seconds(120)))
            }
        }
    }

    @Test(arguments: StoreKind.allCases)
    func `what a dead worker had claimed is due at once, and what was postponed stays so`(kind: StoreKind) async throws {
        try await kind.withStore { store in
            try await store.write { store in
                for id in ["a", "b", "c"] { try store.enqueue(Sample.mail(id)) }
                try store.outboxPostpone("b", until: .after(.seconds(60)), reason: "refused")
                try store.outboxFail("c", at: .after(.seconds(60)), reason: "refused")
                _ = try store.claimOutbox(at: .start, until: .after(.seconds(120)))
                #expect(try store.claimOutbox(at: .after(.seconds(1)), until: .after(.seconds(2))) == nil)
                try store.releaseOutbox(at: .after(.seconds(1)), before: .after(.seconds(120)))
                #expect(try store.claimOutbox(at: .after(.seconds(1)), until: .after(.seconds(2))) == nil)
                try store.releaseOutbox(at: .after(.seconds(1)), before: .after(.seconds(121)))
                let again = try #require(try store.claimOutbox(at: .after(.seconds(1)), until: .after(.seconds(121))))
                #expect(again.id == "a" && again.attempts == 0)
                #expect(try store.claimOutbox(at: .after(.seconds(59)), until: .after(.seconds(60))) == nil)
                #expect(try store.outbox(state: .failed, limit: 9).map(\.notBefore) == [.after(.seconds(60))])
            }
        }
    }

    @Test(arguments: StoreKind.allCases)
    func `a mail is postponed, then sent, and its payload forgotten`(kind: StoreKind) async throws {
        try await kind.withStore { store in
            try await store.write { store in
                try store.enqueue(Sample.mail("a"))
                try store.outboxPostpone("a", until: .after(.seconds(60)), reason: "refused")
                #expect(try store.claimOutbox(at: .after(.seconds(59)), until: .after(.seconds(60))) == nil)
                let mail = try #require(try store.claimOutbox(at: .after(.seconds(60)), until: .after(.seconds(61))))
                #expect(mail.attempts == 1 && mail.reason == "refused" && mail.payload == [0, 1, 255])
                try store.outboxSent("a", at: .after(.seconds(61)))
                try store.outboxPostpone("a", until: .start, reason: "late")
                try store.outboxFail("a", at: .start, reason: "late")
                #expect(try store.claimOutbox(at: .after(.seconds(99)), until: .after(.seconds(100))) == nil)
                let sent = try #require(try store.outbox(state: .sent, limit: 9).first)
                #expect(sent.state == .sent && sent.payload == [] && sent.attempts == 2 && sent.reason == nil)
                #expect(sent.notBefore == .after(.seconds(61)))
            }
        }
    }

    @Test(arguments: StoreKind.allCases)
    func `a mail that is given up stays listed without its payload`(kind: StoreKind) async throws {
        try await kind.withStore { store in
            try await store.write { store in
                try store.enqueue(Sample.mail("a"))
                try store.outboxFail("a", at: .after(.seconds(5)), reason: "no such mailbox")
                let failed = try store.outbox(state: .failed, limit: 9)
                #expect(failed.map(\.reason) == ["no such mailbox"])
                #expect(failed.map(\.payload) == [[]])
                #expect(try store.outboxCount(.failed) == 1 && store.outboxCount(.waiting) == 0)
                #expect(try store.outbox(state: .waiting, limit: 9).isEmpty)
                #expect(try store.claimOutbox(at: .after(.seconds(99)), until: .after(.seconds(100))) == nil)
            }
        }
    }
}
