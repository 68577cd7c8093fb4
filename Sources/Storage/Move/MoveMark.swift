import Identity

/// What tells that a move into a store has not ended: a row beside the migrations, which every version looks at when it opens a store.
enum MoveMark {
    static let name = "unfinished move"
    private static let place: Int64 = 1_000_000

    static let refusal = StoreError.damaged(
        "a move into this store has not ended: run `dragoman store move` with the same addresses again, or use the former store")

    /// Brings the schema up to date and tells whether the mark is there.
    static func migrate(_ connection: any SQLConnection, at now: Instant) throws -> Bool {
        try Migration.apply(Migration.all, to: connection, at: now, allowsUnfinishedMove: true)
        return try isSet(on: connection)
    }

    static func isSet(on connection: any SQLConnection) throws -> Bool {
        try !connection.query("SELECT 1 FROM migrations WHERE place = ?1", [.integer(place)]).isEmpty
    }

    static func set(on connection: any SQLConnection, at now: Instant) throws {
        _ = try connection.execute(
            "INSERT INTO migrations (place, name, applied_at) VALUES (?1, ?2, ?3)",
            [.integer(place), .text(name), .integer(now.microseconds)])
    }

    static func remove(from connection: any SQLConnection) throws {
        _ = try connection.execute("DELETE FROM migrations WHERE place = ?1", [.integer(place)])
    }
}
