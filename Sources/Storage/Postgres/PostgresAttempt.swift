import Identity

/// How one transaction ended on one connection.
enum PostgresAttempt<Outcome: Sendable>: Sendable {
    case done(Result<Outcome, any Error>)
    /// The connection went before the commit was asked for: nothing has happened, and it may be tried on another.
    case lost(StoreError)

    static func failed(_ fault: PostgresFault) -> PostgresAttempt { .done(.failure(StoreError(fault))) }

    static func ended(by fault: PostgresFault) -> PostgresAttempt {
        fault.deservesAnotherConnection ? .lost(StoreError(fault)) : .failed(fault)
    }
}
