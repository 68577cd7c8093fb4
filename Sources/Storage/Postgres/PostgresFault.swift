import Identity

/// What went wrong on a connection: the server's SQLSTATE and nothing else that it said, as its messages and details hold values.
struct PostgresFault: Error, Equatable {
    enum Cause: Equatable {
        /// The server refused a statement, by SQLSTATE; the connection stands.
        case refused(String)
        /// The connection is gone; a SQLSTATE when the server said why.
        case lost(String?)
        /// No answer came in time; the connection is of no more use.
        case silent
    }

    let cause: Cause

    static func refused(_ code: String) -> PostgresFault { PostgresFault(cause: .refused(code)) }
    static func lost(_ code: String? = nil) -> PostgresFault { PostgresFault(cause: .lost(code)) }
    static let silent = PostgresFault(cause: .silent)

    var code: String? {
        switch cause {
        case .refused(let code): code
        case .lost(let code): code
        case .silent: nil
        }
    }

    /// Whether the connection must not be used again.
    var endsConnection: Bool {
        switch cause {
        case .lost, .silent: true
        // A server that became a standby, statements that a pooler between has forgotten, and a transaction whose end was cut off.
        case .refused(let code): code == "25006" || code == "26000" || code == "25P02"
        }
    }

    /// Whether the same may go well on a new connection; who waited to the deadline has waited enough.
    var deservesAnotherConnection: Bool { endsConnection && cause != .silent }

    /// Whether running the transaction again, as if it came later, may go well.
    var isConflict: Bool {
        guard case .refused(let code) = cause else { return false }
        return code == "40001" || code == "40P01" || isConstraint
    }

    /// A unique or foreign key, refused because of a row that the transaction's snapshot does not show: it may see it the next time.
    var isConstraint: Bool {
        guard case .refused(let code) = cause else { return false }
        return code == "23505" || code == "23503"
    }
}

extension StoreError {
    init(_ fault: PostgresFault) {
        switch fault.cause {
        case .silent: self = .unavailable("the database did not answer in time")
        case .lost(let code?): self = .unavailable(Self.lossReason(code))
        case .lost(nil): self = .unavailable("the connection to the database was lost")
        case .refused(let code): self = Self.refusal(code)
        }
    }

    private static func lossReason(_ code: String) -> String {
        switch code {
        case "57P01", "57P02": "the database is shutting down"
        case "57P03": "the database is starting up"
        default: "the connection to the database was lost (PostgreSQL \(code))"
        }
    }

    private static func refusal(_ code: String) -> StoreError {
        switch code {
        case "40001", "40P01": .unavailable("too many writers change the same rows at once")
        case "55P03": .unavailable("a row is locked by somebody else for too long")
        case "57014": .unavailable("the database took too long")
        case "25006": .unavailable("the database may not be written: it is a standby, or read-only")
        case "25P02": .unavailable("a transaction of before has not ended")
        case "26000": .unavailable("a pooler before the database forgets prepared statements: let it pool sessions")
        case "53100": .unavailable("the database's disk is full")
        case "53200": .unavailable("the database has no memory left")
        case "53300": .unavailable("the database has no connection left for us")
        case "42501": .unavailable("the database's user may not do this: let it own the schema, or grant it its tables")
        case "23503": .damaged("the account or session of a row is not there")
        case "23502", "23505", "23514", "23000", "23P01": .damaged("a row that the schema refuses (PostgreSQL \(code))")
        default:
            // Classes: connection, resources, limits, operator, system.
            ["08", "53", "54", "57", "58"].contains(code.prefix(2))
                ? .unavailable("the database failed (PostgreSQL \(code))") : .damaged("PostgreSQL \(code)")
        }
    }
}
