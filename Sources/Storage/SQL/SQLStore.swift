package import Identity

/// The store's contract in SQL, written once for every database that speaks our subset.
package struct SQLStore: IdentityStore {
    package let database: any SQLDatabase

    package init(database: any SQLDatabase) { self.database = database }

    /// Opens the SQLite store of this path and brings its schema up to date; creates it (0600, its folder 0700) when it is not there.
    ///
    /// Throws `StoreError.damaged`, in words for an operator, when the file is not a store or comes from a newer version, and
    /// `.unavailable` when it cannot be opened. `now` dates the migrations. A write waits for `busyTimeout` when another process holds the
    /// write lock, and is then `.unavailable`.
    package static func sqlite(path: String, now: Instant, busyTimeout: Duration = .seconds(5)) throws -> SQLStore {
        let database = try SQLiteDatabase(path: path, busyTimeout: busyTimeout) { try Migration.apply(Migration.all, to: $0, at: now) }
        return SQLStore(database: database)
    }

    /// Opens the store in the PostgreSQL database of this connection string (a URL, or libpq's `keyword=value`) and brings its schema up to
    /// date.
    ///
    /// Throws `StoreError` in words for an operator that hold nothing of the string: `.unavailable` when no server lets us in, `.damaged`
    /// when the schema is not ours or comes from a newer version. `now` dates the migrations.
    package static func postgres(url: String, now: Instant) async throws -> SQLStore {
        let database = try PostgresDatabase(url)
        do {
            try await database.migrate { try Migration.apply(Migration.all, to: $0, at: now) }
        } catch {
            await database.close()
            throw error
        }
        return SQLStore(database: database)
    }

    package func read<Result: Sendable>(_ body: @escaping @Sendable (any StoreReading) throws -> Result) async throws -> Result {
        try await database.read { try body(SQLTransaction(connection: $0)) }
    }

    package func write<Result: Sendable>(_ body: @escaping @Sendable (any StoreWriting) throws -> Result) async throws -> Result {
        guard database.isShared else { return try await database.write { try body(SQLTransaction(connection: $0)) } }
        return try await database.write { connection in
            // Of this attempt alone: what another would have changed is undone.
            let changes = WriteChanges()
            let transaction = SQLTransaction(connection: connection, isShared: true)
            let result = try body(NotingWriter(inner: transaction, changes: changes))
            for account in changes.accounts { try transaction.announce(account) }
            return result
        }
    }

    /// Tells what other instances change, until the feed is stopped; nil for a store that this process has for itself.
    package func follow(
        uptime: @escaping @Sendable () -> Duration, _ tell: @escaping @Sendable (ChangeNews) -> Void
    ) -> (any ChangeFeed)? { database.follow(uptime: uptime, tell) }

    /// Adds what this instance counted, each caller once, to what all have counted, and tells what others added since `place`; without one,
    /// all that counts now.
    ///
    /// Of a shared store only. Where it throws, the counts may have been added or not.
    package func exchange(_ counts: [RequestCount], since place: CountNews.Place?, at now: Instant) async throws -> CountNews {
        try await database.exchange { try SQLTransaction(connection: $0).exchange(counts, since: place, at: now) }
    }

    /// Whether other processes serve requests from it, too.
    package var isShared: Bool { database.isShared }

    package func ping() async throws { try await database.ping() }

    /// A number that differs from the last one when somebody outside this process may have written since: what is cached may be old.
    package func foreignChanges() async throws -> Int64 { try await database.foreignChanges() }

    package func close() async { await database.close() }
}
