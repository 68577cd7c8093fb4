import Identity

/// The three kinds of transactions, each run again on its connection where that is due.
enum PostgresTransactions {
    typealias Body<Outcome> = (any SQLConnection) throws -> Outcome

    /// How long writers are tried again who always meet others.
    private static let patience: Duration = .seconds(4)
    private static let reading = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
    private static let writing = "BEGIN ISOLATION LEVEL SERIALIZABLE"
    /// Any number that nobody else is likely to lock.
    static let migrationLock = 7_309_453_218_870_021_996

    static func read<Outcome>(
        on connection: PostgresConnection, _ terms: PostgresTerms, _ body: Body<Outcome>
    ) -> PostgresAttempt<Outcome> {
        var turns = 0
        while true {
            turns += 1
            connection.begin(reading, terms)
            let result = Result { try body(connection) }
            connection.leave()
            guard let fault = connection.fault else { return .done(result) }
            guard fault.isConflict, turns < 3 else { return .ended(by: fault) }
        }
    }

    static func write<Outcome>(
        on connection: PostgresConnection, lane: RetryLane, _ terms: PostgresTerms, _ body: Body<Outcome>
    ) -> PostgresAttempt<Outcome> {
        let start = ContinuousClock.now
        var terms = terms
        var turns = 0
        while true {
            turns += 1
            let ending =
                turns < 3
                ? once(writing, on: connection, terms, body)
                : lane.inTurn(before: terms.deadline) { once(writing, on: connection, terms, body) }
            switch ending {
            case .kept(let outcome): return .done(.success(outcome))
            case .thrown(let error): return .done(.failure(error))
            case .fault(let fault):
                guard fault.isConflict else { return .ended(by: fault) }
                let isHopeless = fault.isConstraint && turns >= 8
                guard !isHopeless, ContinuousClock.now - start < patience else { return .failed(fault) }
                terms.renew()
            // Never again by ourselves: it may have happened.
            case .unknown: return .done(.failure(StoreError.unavailable("the connection was lost while the database committed")))
            }
        }
    }

    /// Waits for others' rows and then sees what they wrote, and is not run again: there is soon another.
    static func exchange<Outcome>(
        on connection: PostgresConnection, _ terms: PostgresTerms, _ body: Body<Outcome>
    ) -> PostgresAttempt<Outcome> {
        switch once("BEGIN ISOLATION LEVEL READ COMMITTED", on: connection, terms, body) {
        case .kept(let outcome): .done(.success(outcome))
        case .thrown(let error): .done(.failure(error))
        case .fault(let fault): .ended(by: fault)
        case .unknown: .done(.failure(StoreError.unavailable("the connection was lost while the database committed")))
        }
    }

    /// One transaction that no other instance runs at the same time.
    ///
    /// Where locks of our own naming do not hold (behind some poolers), two may try: a key lets one pass, and the other begins again.
    static func migrate(
        on connection: PostgresConnection, lock: Int, _ terms: PostgresTerms, _ body: Body<Void>
    ) -> PostgresAttempt<Void> {
        var turns = 0
        while true {
            turns += 1
            let ending = once("BEGIN ISOLATION LEVEL READ COMMITTED", on: connection, terms) { connection in
                _ = try connection.query(
                    "SELECT set_config('statement_timeout', '0', true), set_config('lock_timeout', '60s', true)", [])
                _ = try connection.query("SELECT pg_advisory_xact_lock(\(lock))", [])
                try body(connection)
            }
            switch ending {
            case .kept: return .done(.success(()))
            case .thrown(let error): return .done(.failure(error))
            case .fault(let fault):
                if fault.deservesAnotherConnection { return .lost(StoreError(fault)) }
                let isRace = fault.isConflict || ["42P07", "42701", "XX000"].contains(fault.code)
                guard isRace, turns < 6 else { return .done(.failure(schemaError(fault))) }
            // What is there is not made again.
            case .unknown: return .lost(.unavailable("the connection was lost while the database committed"))
            }
        }
    }

    // MARK: One attempt

    private enum Ending<Outcome> {
        case kept(Outcome)
        case thrown(any Error)
        case fault(PostgresFault)
        case unknown
    }

    private static func once<Outcome>(
        _ opening: String, on connection: PostgresConnection, _ terms: PostgresTerms, _ body: Body<Outcome>
    ) -> Ending<Outcome> {
        connection.begin(opening, terms)
        let result = Result { try body(connection) }
        // What the body made of a fault counts for nothing: its transaction is gone.
        if let fault = connection.fault {
            connection.leave()
            return .fault(fault)
        }
        switch result {
        case .failure(let error):
            connection.leave()
            return .thrown(error)
        case .success(let outcome):
            switch connection.commit() {
            case .done: return .kept(outcome)
            case .undone(let fault): return .fault(fault)
            case .unknown: return .unknown
            }
        }
    }

    private static func schemaError(_ fault: PostgresFault) -> StoreError {
        switch fault.code {
        case "42P07", "42703", "42P01", "42804", "42883":
            .damaged("the database has tables of another program: give this one a database, or a schema, of its own")
        case "42501", "3F000": .unavailable("the database's user may not make tables: let it own its database or schema")
        default: StoreError(fault)
        }
    }
}
