import CLibpq
import Identity

/// A connection and the transaction on it; each statement is prepared once.
///
/// A transaction starts with its first statement and costs nothing without one. After a fault nothing more is sent in it.
final class PostgresConnection: SQLConnection {
    /// How long a statement may be without an answer; the server itself gives up before.
    static let patience: Duration = .seconds(7)
    private static let mostStatements = 512
    private let link: PostgresLink
    private var names: [String: String] = [:]
    /// Statements that the group under way prepares.
    private var fresh: [String] = []
    private var count = 0
    private var opening: String?
    private var isOpen = false
    private var deadline: Duration = PostgresConnection.patience
    /// What ended the transaction under way.
    private(set) var fault: PostgresFault?

    private init(_ link: PostgresLink) { self.link = link }

    /// Tries the servers of the address in turn; throws `PostgresRefusal`.
    static func open(_ address: PostgresAddress) throws -> PostgresConnection {
        var reasons: [String] = []
        for options in address.attempts {
            do {
                let connection = PostgresConnection(try PostgresLink(options, until: .now + address.patience))
                try connection.settle()
                return connection
            } catch let refusal as PostgresRefusal {
                if !reasons.contains(refusal.reason) { reasons.append(refusal.reason) }
            }
        }
        throw PostgresRefusal(reason: reasons.joined(separator: "; another: "))
    }

    /// Whether it can be used again.
    func stillStands() -> Bool { !(fault?.endsConnection ?? false) && link.stillStands() }

    // MARK: Transactions

    /// `opening` is the statement that starts the transaction; each statement in it has `patience`.
    func begin(_ opening: String, patience: Duration = PostgresConnection.patience) {
        self.opening = opening
        deadline = patience
        fault = nil
        isOpen = false
    }

    /// Ends a transaction that has nothing to keep; waits for nothing.
    func leave() {
        opening = nil
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
        opening = nil
        guard isOpen else { return .done }
        isOpen = false
        let warnings = link.warnings
        do {
            try queue("COMMIT", [])
            try link.endGroup()
            let answer = try link.answer(until: .now + deadline)
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
            if let opening {
                self.opening = nil
                isOpen = true
                try queue(opening, [])
            }
            try queue(sql, values)
            try link.endGroup()
            return try link.answer(until: .now + deadline)
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
    private func settle() throws {
        guard link.told("server_encoding") == "UTF8" else {
            throw PostgresRefusal(reason: "its database is not in UTF-8: create it with ENCODING 'UTF8' TEMPLATE template0")
        }
        begin("BEGIN")
        do {
            _ = try query(
                """
                SELECT set_config(name, CASE name
                    WHEN 'statement_timeout' THEN '5s' WHEN 'lock_timeout' THEN '3s'
                    WHEN 'idle_in_transaction_session_timeout' THEN '10s' WHEN 'synchronous_commit' THEN 'on'
                    WHEN 'enable_seqscan' THEN 'off' WHEN 'jit' THEN 'off' WHEN 'plan_cache_mode' THEN 'force_generic_plan' END, false)
                FROM pg_settings WHERE (name = 'synchronous_commit' AND setting = 'off') OR (name IN ('statement_timeout', 'lock_timeout',
                'idle_in_transaction_session_timeout', 'enable_seqscan', 'jit', 'plan_cache_mode')
                AND source NOT IN ('client', 'user', 'database', 'database user'))
                """, [])
            guard case .done = commit() else { throw PostgresRefusal(reason: "it does not let us set our limits") }
        } catch is StoreError {
            throw PostgresRefusal(reason: "it does not let us set our limits")
        }
    }
}
