package import Identity

/// One named step of the schema; once released it never changes.
package struct Migration: Sendable {
    package let name: String
    package let statements: [String]

    package init(name: String, statements: [String]) {
        self.name = name
        self.statements = statements
    }

    /// Applies what is missing, in order, within the caller's transaction: killed at any moment, it starts again from nothing.
    ///
    /// Throws `StoreError.damaged` when the store knows a migration that this version does not, or knows them in another order,
    /// and when a move into the store has not ended, unless that is allowed.
    package static func apply(
        _ migrations: [Migration], to connection: any SQLConnection, at now: Instant, allowsUnfinishedMove: Bool = false
    ) throws {
        _ = try connection.execute(
            """
            CREATE TABLE IF NOT EXISTS migrations
            (place BIGINT PRIMARY KEY NOT NULL, name TEXT NOT NULL UNIQUE, applied_at BIGINT NOT NULL)
            """, [])
        var applied = try connection.query("SELECT name FROM migrations ORDER BY place", []).map { row in
            var row = row
            return try row.text()
        }
        if allowsUnfinishedMove { applied.removeAll { $0 == MoveMark.name } }
        try check(applied, against: migrations)
        for (place, migration) in migrations.enumerated().dropFirst(applied.count) {
            for statement in migration.statements { _ = try connection.execute(statement, []) }
            _ = try connection.execute(
                "INSERT INTO migrations (place, name, applied_at) VALUES (?1, ?2, ?3)",
                [.integer(Int64(place)), .text(migration.name), .integer(now.microseconds)])
        }
    }

    /// Throws `StoreError.damaged` unless the applied migrations are the first of ours and no move is under way.
    static func check(_ applied: [String], against migrations: [Migration]) throws {
        guard !applied.contains(MoveMark.name) else { throw MoveMark.refusal }
        let known = migrations.map(\.name)
        if let stranger = applied.first(where: { !known.contains($0) }) {
            throw StoreError.damaged(
                "the store has the migration '\(stranger)', which this version does not know: a newer version wrote it; use that one")
        }
        guard applied.elementsEqual(known.prefix(applied.count)) else {
            throw StoreError.damaged("the store's migrations are not in order: \(applied.joined(separator: ", ")); restore a backup")
        }
    }
}
