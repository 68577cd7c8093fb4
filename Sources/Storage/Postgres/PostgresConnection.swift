import CLibpq
import Identity

/// A connection and the transaction on it; each statement is prepared once.
///
/// A transaction starts with its first statement and costs nothing without one. After a fault nothing more is sent in it.
final class PostgresConnection: SQLConnection {
    private static let mostStatements = 512
    private let link: PostgresLink
    private var names: [String: String] = [:]
    /// Statements that the group under way prepares.
    private var fresh: [String] = []
    private var count = 0
    private var opening: [String] = []
    private var isOpen = false
    private var terms = PostgresTerms(deadline: .now)
    /// What ended the transaction under way.
    private(set) var fault: PostgresFault?

    private init(_ link: PostgresLink) { self.link = link }

    /// Tries the servers of the address in turn, each for so long as the address says, or for `patience`.
    static func open(
        _ address: PostgresAddress, within patience: Duration? = nil, onlyFavourite: Bool = false
    ) throws(PostgresRefusal) -> PostgresConnection {
        var reasons: [String] = []
        for (place, options) in onlyFavourite ? Array(address.attempts.prefix(1)) : address.attempts {
            do {
                let deadline = ContinuousClock.now + (patience ?? address.patience)
                let connection = PostgresConnection(try PostgresLink(options, until: deadline))
                try connection.settle(before: deadline)
                address.prefer(place)
                return connection
            } catch {
                if !reasons.contains(error.reason) { reasons.append(error.reason) }
            }
        }
        throw PostgresRefusal(reason: reasons.joined(separator: "; another: "))
    }

    /// Whether it can be used again.
    func stillStands() -> Bool { !isSpent && link.stillStands() }

    /// The server's number of a session that has not answered and may still be at work.
    var silentSession: Int32? { fault?.cause == .silent ? link.session : nil }

    /// Whether a fault has ended it.
    var isSpent: Bool { link.isBroken || fault?.endsConnection ?? false }

    // MARK: Transactions

    /// `opening` is the statement that starts the transaction.
    func begin(_ opening: String, _ terms: PostgresTerms) {
        self.opening = [opening] + terms.settings
        self.terms = terms
        fault = nil
        isOpen = false
    }

    /// Bounds what follows in the transaction under way.
    func continues(_ terms: PostgresTerms) { self.terms = terms }

    /// Ends a transaction that has nothing to keep; waits for nothing.
    func leave() {
        opening = []
        guard isOpen, !link.isBroken else { return }
        isOpen = false
        do {
            try queue("ROLLBACK", [])
            try link.endGroup(leave: true)
        } catch {
            // The next use of the connection finds out.
        }
    }

    enum Commit {
        case done
        case undone(PostgresFault)
        /// The server may have committed or not.
        case unknown
    }

    func commit() -> Commit {
        opening = []
        guard isOpen else { return .done }
        isOpen = false
        let warnings = link.warnings
        do {
            try queue("COMMIT", [])
            try link.endGroup()
            let answer = try link.answer(until: terms.commitDeadline)
            guard answer.tag == "COMMIT" else { return .undone(.refused("25P02")) }
            // Committed here and not on the standby that it was to wait for: that is not what was promised.
            return link.warnings == warnings ? .done : .unknown
        } catch let fault as PostgresFault {
            if case .refused = fault.cause { return .undone(fault) }
            self.fault = fault
            return .unknown
        } catch {
            return .unknown
        }
    }

    // MARK: Statements

    func query(_ sql: String, _ values: [SQLValue]) throws -> [SQLRow] { try run(sql, values).rows }

    func execute(_ sql: String, _ values: [SQLValue]) throws -> Int { try run(sql, values).written }

    private func run(_ sql: String, _ values: [SQLValue]) throws -> PostgresAnswer {
        if let fault { throw StoreError(fault) }
        fresh.removeAll(keepingCapacity: true)
        do {
            if !opening.isEmpty {
                isOpen = true
                for statement in opening { try queue(statement, []) }
                opening = []
            }
            try queue(sql, values)
            try link.endGroup()
            return try link.answer(until: terms.deadline)
        } catch let found as PostgresFault {
            fault = found
            // Whether the group came as far as to prepare them is not known.
            for sql in fresh { names[sql] = nil }
            throw StoreError(found)
        }
    }

    private func queue(_ sql: String, _ values: [SQLValue]) throws {
        let values = PostgresValues(values)
        if let known = names[sql] { return try link.run(known, values) }
        count += 1
        let name = "s\(count)"
        try link.prepare(name, PostgresSpelling.spell(sql), values.types)
        try link.run(name, values)
        fresh.append(sql)
        if names.count < Self.mostStatements { names[sql] = name }
    }

    // MARK: The session

    /// Sets limits, those excepted that somebody has set for this role, database or connection, and sees to it that what was answered
    /// survives.
    ///
    /// Without sequential scans a transaction depends on the rows that it read and not on whole tables, so few conflict.
    private func settle(before deadline: ContinuousClock.Instant) throws(PostgresRefusal) {
        guard link.told("server_encoding") == "UTF8" else {
            throw PostgresRefusal(reason: "its database is not in UTF-8: create it with ENCODING 'UTF8' TEMPLATE template0")
        }
        begin("BEGIN", PostgresTerms(deadline: deadline))
        do {
            _ = try query(
                """
                SELECT set_config(name, CASE name
                    WHEN 'statement_timeout' THEN '1500ms' WHEN 'lock_timeout' THEN '1400ms'
                    WHEN 'idle_in_transaction_session_timeout' THEN '10s' WHEN 'synchronous_commit' THEN 'on'
                    WHEN 'enable_seqscan' THEN 'off' WHEN 'jit' THEN 'off' WHEN 'plan_cache_mode' THEN 'force_generic_plan' END, false)
                FROM pg_settings WHERE (name = 'synchronous_commit' AND setting = 'off') OR (name IN ('statement_timeout', 'lock_timeout',
                'idle_in_transaction_session_timeout', 'enable_seqscan', 'jit', 'plan_cache_mode')
                AND source NOT IN ('client', 'user', 'database', 'database user'))
                """, [])
            guard case .done = commit() else { throw StoreError.unavailable("undone") }
        } catch {
            throw fault?.cause == .silent ? .silent : PostgresRefusal(reason: "it does not let us set our limits")
        }
    }
}
