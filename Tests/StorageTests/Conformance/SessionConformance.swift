import Identity
import Testing

@Suite struct SessionConformance {
    @Test(arguments: StoreKind.allCases)
    func `a session comes back as stored and is ended by one caller, once`(kind: StoreKind) async throws {
        try await kind.withStore { store in
            try await store.insert(accounts: 1...1)
            let session = Sample.session(1, account: 1)
            let ends = try await store.write { store in
                try store.insert(session)
                #expect(try store.session(id: session.id) == session)
                return [
                    try store.endSession(session.id, at: .after(.seconds(1))), try store.endSession(session.id, at: .after(.seconds(2))),
                    try store.endSession(Sample.sessionID(9), at: .start),
                ]
            }
            #expect(ends == [true, false, false])
            let found = try await store.read { try $0.session(id: session.id) }
            #expect(found?.endedAt == .after(.seconds(1)))
        }
    }

    @Test(arguments: StoreKind.allCases)
    func `the digests of all tokens come page by page, in the order of their bytes`(kind: StoreKind) async throws {
        try await kind.withStore { store in
            try await store.insert(accounts: 1...1)
            try await store.write { store in
                try store.insert(Sample.session(1, account: 1))
                for number in [200, 3, 90] { _ = try store.insert(Sample.token(number, account: 1, session: 1)) }
            }
            let pages = try await store.read { store in
                let first = try store.tokenDigests(after: nil, limit: 2)
                return [first, try store.tokenDigests(after: first.last, limit: 2), try store.tokenDigests(after: nil, limit: 0)]
            }
            #expect(pages == [[Sample.digest(3), Sample.digest(90)], [Sample.digest(200)], []])
        }
    }

    @Test(arguments: StoreKind.allCases)
    func `all sessions of an account end but the one that is spared`(kind: StoreKind) async throws {
        try await kind.withStore { store in
            try await store.insert(accounts: 1...2)
            let ended = try await store.write { store in
                for number in 1...3 { try store.insert(Sample.session(number, account: 1)) }
                try store.insert(Sample.session(4, account: 2))
                _ = try store.endSession(Sample.sessionID(1), at: .start)
                try store.endSessions(of: Sample.id(1), except: Sample.sessionID(3), at: .after(.seconds(5)))
                return try (1...4).map { try store.session(id: Sample.sessionID($0))?.endedAt }
            }
            #expect(ended == [.start, .after(.seconds(5)), nil, nil])
            let all = try await store.write { store in
                try store.endSessions(of: Sample.id(1), except: nil, at: .after(.seconds(6)))
                return try (1...4).map { try store.session(id: Sample.sessionID($0))?.endedAt }
            }
            #expect(all == [.start, .after(.seconds(5)), .after(.seconds(6)), nil])
        }
    }

    @Test(arguments: StoreKind.allCases)
    func `a token is stored once, and a distinct one only in a second of its own`(kind: StoreKind) async throws {
        try await kind.withStore { store in
            try await store.insert(accounts: 1...2)
            let kept = try await store.write { store in
                try store.insert(Sample.session(1, account: 1))
                let first = Sample.token(1, account: 1, session: 1, distinct: true)
                let sameSecond = Instant.after(.microseconds(999_999))
                let stored = [
                    try store.insert(first), try store.insert(first),
                    try store.insert(Sample.token(2, account: 1, issued: sameSecond, distinct: true)),
                    try store.insert(Sample.token(3, account: 1, purpose: .refresh, issued: sameSecond, distinct: true)),
                    try store.insert(Sample.token(4, account: 2, issued: sameSecond, distinct: true)),
                    try store.insert(Sample.token(5, account: 1, issued: .after(.seconds(1)), distinct: true)),
                    try store.insert(Sample.token(6, account: 1, issued: sameSecond)),
                    try store.insert(Sample.token(7, account: 2, issued: .after(.seconds(9)))),
                    try store.insert(Sample.token(8, account: 2, issued: .after(.seconds(9)), distinct: true)),
                    try store.insert(Sample.token(9, account: 1, issued: .start - .microseconds(1), distinct: true)),
                ]
                #expect(try store.token(digest: first.digest) == first)
                #expect(try store.token(digest: Sample.digest(2)) == nil)
                return stored
            }
            #expect(kept == [true, false, false, true, true, true, true, true, false, true])
        }
    }

    @Test(arguments: StoreKind.allCases)
    func `a token ends once, and one that is not known is remembered as ended`(kind: StoreKind) async throws {
        try await kind.withStore { store in
            try await store.insert(accounts: 1...1)
            let known = Sample.token(1, account: 1)
            let foreign = Sample.token(2, account: 1, distinct: true)
            let ends = try await store.write { store in
                _ = try store.insert(known)
                return [
                    try store.endToken(known, at: .after(.seconds(1))), try store.endToken(known, at: .after(.seconds(2))),
                    try store.endToken(foreign, at: .after(.seconds(3))), try store.endToken(foreign, at: .after(.seconds(4))),
                    try store.insert(foreign),
                ]
            }
            #expect(ends == [true, false, true, false, false])
            let found = try await store.read { [try $0.token(digest: known.digest), try $0.token(digest: foreign.digest)] }
            #expect(found.map { $0?.endedAt } == [.after(.seconds(1)), .after(.seconds(3))])
            #expect(found.map { $0?.distinct } == [false, false])
        }
    }

    @Test(arguments: StoreKind.allCases)
    func `a refresh token is used once, and never after its end`(kind: StoreKind) async throws {
        try await kind.withStore { store in
            try await store.insert(accounts: 1...1)
            let used = try await store.write { store in
                _ = try store.insert(Sample.token(1, account: 1, purpose: .refresh))
                _ = try store.insert(Sample.token(2, account: 1, purpose: .refresh))
                _ = try store.endToken(Sample.token(2, account: 1, purpose: .refresh), at: .start)
                return [
                    try store.useToken(Sample.digest(1), at: .after(.seconds(1))),
                    try store.useToken(Sample.digest(1), at: .after(.seconds(2))),
                    try store.useToken(Sample.digest(2), at: .start), try store.useToken(Sample.digest(3), at: .start),
                ]
            }
            #expect(used == [true, false, false, false])
            let found = try await store.read { try $0.token(digest: Sample.digest(1)) }
            #expect(found?.usedAt == .after(.seconds(1)))
        }
    }

    @Test(arguments: StoreKind.allCases)
    func `rows of an account or a session that is not there are refused`(kind: StoreKind) async throws {
        try await kind.withStore { store in
            try await store.insert(accounts: 1...1)
            try await store.write { try $0.insert(Sample.session(2, account: 1)) }
            let refused: [@Sendable (any StoreWriting) throws -> Void] = [
                { try $0.insert(Sample.session(1, account: 9)) },
                { _ = try $0.insert(Sample.token(1, account: 9)) },
                { _ = try $0.insert(Sample.token(1, account: 1, session: 9)) },
                { _ = try $0.endToken(Sample.token(1, account: 9), at: .start) },
                { try $0.put(Sample.secret(1, account: 9)) },
                { try $0.insert(Sample.session(2, account: 1)) },
            ]
            for body in refused { await #expect(throws: StoreError.self) { try await store.write(body) } }
            let stays = try await store.read { try $0.session(id: Sample.sessionID(2)) }
            #expect(stays != nil)
        }
    }

    @Test(arguments: StoreKind.allCases)
    func `an account has one API key, the newest`(kind: StoreKind) async throws {
        try await kind.withStore { store in
            try await store.insert(accounts: 1...2)
            let keys = (1...2).map {
                APIKeyRecord(digest: Sample.digest($0), realm: "one", account: Sample.id(1), createdAt: .after(.seconds($0)))
            }
            try await store.write { store in
                for key in keys { try store.put(key) }
            }
            await #expect(throws: StoreError.self) {
                let stolen = APIKeyRecord(digest: Sample.digest(2), realm: "one", account: Sample.id(2), createdAt: .start)
                try await store.write { try $0.put(stolen) }
            }
            let found = try await store.read { store in
                [try store.apiKey(digest: Sample.digest(2)), try store.apiKey(digest: Sample.digest(1))]
            }
            #expect(found == [keys[1], nil])
        }
    }
}
