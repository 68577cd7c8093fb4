package import Identity

/// Moves all that a store holds into another, of the same or of another database.
///
/// Nobody serves either meanwhile: the source is kept from being written, and the target is refused by every server until both have been
/// read whole and are the same. A move that was stopped, by whatever, goes on where it was when it is run again.
package struct StoreMove: Sendable {
    package struct Progress: Sendable {
        package enum Phase: String, Sendable { case copying, verifying }

        package let phase: Phase
        package let table: String
        /// Rows of all tables.
        package let done: Int64
        package let total: Int64
    }

    package struct Outcome: Sendable {
        /// How many rows were copied this time.
        package var copied: Int64 = 0
        package var tables: [TableComparison] = []

        package var isVerified: Bool { tables.allSatisfy(\.isEqual) }
    }

    /// Which of the two stores a fault is of.
    package struct Fault: Error, Sendable, Hashable {
        package enum Side: String, Sendable { case source, target }

        package let side: Side
        package let reason: StoreError
    }

    private let source: StoreAddress
    private let target: StoreAddress
    private let pageSize: Int
    private let now: Instant

    /// `now` dates the target's migrations.
    package init(from source: StoreAddress, to target: StoreAddress, pageSize: Int = 1000, now: Instant) {
        self.source = source
        self.target = target
        self.pageSize = pageSize
        self.now = now
    }

    /// Copies, reads both again, and where they are the same makes the target one that is served.
    ///
    /// `restarts`: a target in which a move has not ended is emptied first. Throws `Fault`, and what `progress` throws to stop it.
    package func run(restarts: Bool = false, progress: (Progress) throws -> Void = { _ in }) async throws -> Outcome {
        try await holding(as: .target(restarts: restarts)) { source, target, tables in
            var outcome = Outcome()
            outcome.copied = try await copy(tables, from: source.database, to: target.database, progress)
            outcome.tables = try await compare(tables, source.database, target.database, progress)
            guard outcome.isVerified else { return outcome }
            try await blaming(.source) { try source.checkHold() }
            try await blaming(.target) { try await target.database.write { try MoveMark.remove(from: $0) } }
            return outcome
        }
    }

    /// Only reads both.
    package func verify(progress: (Progress) throws -> Void = { _ in }) async throws -> Outcome {
        try await holding(as: .compared) { source, target, tables in
            Outcome(tables: try await compare(tables, source.database, target.database, progress))
        }
    }

    // MARK: Opening

    private typealias Database = any SQLDatabase

    private func holding(
        as role: HeldStore.Role, _ body: (HeldStore, HeldStore, [TablePages]) async throws -> Outcome
    ) async throws -> Outcome {
        try await StorePatience.$current.withValue(.work) { try await patiently(as: role, body) }
    }

    private func patiently(
        as role: HeldStore.Role, _ body: (HeldStore, HeldStore, [TablePages]) async throws -> Outcome
    ) async throws -> Outcome {
        if case (.sqlite(let one), .sqlite(let other)) = (source, target) {
            guard one != other, !SQLiteFile.areSame(one, other) else {
                throw Fault(side: .target, reason: .unavailable("it is the source itself"))
            }
            guard !SQLiteFile.isPart(other, ofStore: one), !SQLiteFile.isPart(one, ofStore: other) else {
                throw Fault(side: .target, reason: .unavailable("one of the two is a file that belongs to the other: name another"))
            }
        }
        let tables = try StoreTable.all()
        let from = try await blaming(.source) { try await HeldStore.open(source, as: .source, tables, now: now) }
        do {
            let to = try await blaming(.target) { try await HeldStore.open(target, as: role, tables, now: now) }
            do {
                let outcome = try await body(from, to, tables.map { TablePages($0, most: pageSize) })
                await to.close()
                await from.close()
                return outcome
            } catch {
                await to.close()
                throw error
            }
        } catch {
            await from.close()
            throw error
        }
    }

    private func blaming<Result>(_ side: Fault.Side, _ body: () async throws -> Result) async throws -> Result {
        do {
            return try await body()
        } catch let reason as StoreError {
            throw Fault(side: side, reason: reason)
        }
    }

    // MARK: Copying

    private func copy(
        _ tables: [TablePages], from source: Database, to target: Database, _ progress: (Progress) throws -> Void
    ) async throws -> Int64 {
        let total = try await blaming(.source) { try await Self.count(tables, in: source) }
        let before = try await blaming(.target) { try await Self.count(tables, in: target) }
        var copied: Int64 = 0
        for table in tables {
            // Pages come in the order of their keys, each whole or not at all: what is there already is what stands before its last key.
            let last = try await blaming(.target) { try await table.lastKey(in: target) }
            var page = try await blaming(.source) { try await table.read(from: source, after: last) }
            while let end = page.last {
                let rows = page
                async let next = Self.next(rows, end, of: table, in: source, .source)
                try await blaming(.target) { try await table.write(rows, to: target) }
                copied += Int64(page.count)
                try progress(Progress(phase: .copying, table: table.table.name, done: before + copied, total: total))
                page = try await next.get()
            }
        }
        return copied
    }

    private static func count(_ tables: [TablePages], in database: Database) async throws -> Int64 {
        var sum: Int64 = 0
        for table in tables { sum += try await table.count(in: database) }
        return sum
    }

    /// The page behind one that ends with this row.
    private static func next(
        _ page: [SQLRow], _ end: SQLRow, of table: TablePages, in database: Database, _ side: Fault.Side
    ) async -> Result<[SQLRow], Fault> {
        guard page.count == table.size else { return .success([]) }
        do {
            return .success(try await table.read(from: database, after: table.key(of: end)))
        } catch {
            return .failure(Fault(side: side, reason: error as? StoreError ?? .unavailable("it cannot be read")))
        }
    }

    // MARK: Comparing

    private func compare(
        _ tables: [TablePages], _ source: Database, _ target: Database, _ progress: (Progress) throws -> Void
    ) async throws -> [TableComparison] {
        let total = try await blaming(.source) { try await Self.count(tables, in: source) }
        var done: Int64 = 0
        var compared: [TableComparison] = []
        for table in tables {
            var comparison = TableComparison(table: table.table.name)
            var ours = try await blaming(.source) { try await table.read(from: source, after: nil) }
            var theirs = try await blaming(.target) { try await table.read(from: target, after: nil) }
            while let one = ours.last ?? theirs.last {
                let (left, right) = (ours, theirs)
                async let further = Self.next(left, left.last ?? one, of: table, in: source, .source)
                async let furtherRight = Self.next(right, right.last ?? one, of: table, in: target, .target)
                comparison.add(ours, theirs)
                done += Int64(ours.count)
                try progress(Progress(phase: .verifying, table: table.table.name, done: done, total: total))
                ours = try await further.get()
                theirs = try await furtherRight.get()
            }
            compared.append(comparison)
        }
        return compared
    }
}
