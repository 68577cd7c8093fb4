import Identity
import Storage

/// `dragoman store`: copies of the store, and its way into another.
package enum StoreCommands {
    package static func backup(_ deployment: Deployment, to file: String, replaces: Bool) throws -> CommandOutput {
        let path = try path(deployment, instead: "pg_dump --format=custom --file=FILE \"$DATABASE_URL\"")
        let configuration = deployment.plan.configuration
        let report = try refusing("no backup was made") {
            try SQLiteCopy.make(
                of: path, as: file, replaces: replaces,
                sparing: [configuration.file, configuration.keysFolder, configuration.mailboxFolder])
        }
        return output(report, file: file, words: "\(file) holds the store as it was when the command began")
    }

    package static func restore(_ deployment: Deployment, from file: String) throws -> CommandOutput {
        let path = try path(
            deployment,
            instead: "stop every instance, then pg_restore --clean --if-exists --single-transaction --dbname=\"$DATABASE_URL\" FILE")
        let report = try refusing("nothing was restored") { try SQLiteCopy.restore(file, to: path, now: SystemClock.now()) }
        return output(report, file: path, words: "\(path) is what \(file) holds")
    }

    /// `progress` is given what to show meanwhile: lines, or on a terminal one line again and again.
    package static func move(
        from source: String, to target: String, environment: [String: String], restarts: Bool, onlyVerifies: Bool, isTerminal: Bool,
        progress: (String) -> Void
    ) async throws -> CommandOutput {
        let from = try address(source, "--from", environment)
        let to = try address(target, "--to", environment)
        let move = StoreMove(from: from, to: to, now: SystemClock.now())
        let start = SystemClock.uptime()
        var line = MoveLine(isTerminal: isTerminal, now: start)
        let show: (StoreMove.Progress) -> Void = { step in
            if let text = line.text(for: step, now: SystemClock.uptime()) { progress(text) }
        }
        defer { if let text = line.end { progress(text) } }
        do {
            let outcome = onlyVerifies ? try await move.verify(progress: show) : try await move.run(restarts: restarts, progress: show)
            return output(outcome, onlyVerifies: onlyVerifies, to: to, took: SystemClock.uptime() - start)
        } catch let fault as StoreMove.Fault {
            throw AssemblyFault("the \(fault.side.rawValue) (\(fault.side == .source ? from : to)): \(words(fault.reason))")
        }
    }

    // MARK: Addresses

    private static func address(_ text: String, _ option: String, _ environment: [String: String]) throws -> StoreAddress {
        var text = text
        if text.hasPrefix("env:") {
            guard let value = environment[String(text.dropFirst(4))] else { throw AssemblyFault("\(option): \(text) is not set") }
            text = value
        }
        guard let address = StoreAddress(text) else { throw AssemblyFault("\(option) wants sqlite:PATH, postgres://..., or env:NAME") }
        return address
    }

    private static func path(_ deployment: Deployment, instead command: String) throws -> String {
        guard case .sqlite = deployment.plan.configuration.store else {
            throw AssemblyFault("the store is in PostgreSQL, which has its own means: `\(command)`, or the server's backups")
        }
        return deployment.plan.configuration.storePath
    }

    // MARK: Faults

    private static func refusing<Result>(_ what: String, _ body: () throws -> Result) throws -> Result {
        do {
            return try body()
        } catch let reason as StoreError {
            throw AssemblyFault("\(what): \(words(reason))")
        }
    }

    private static func words(_ error: StoreError) -> String {
        switch error {
        case .unavailable(let reason), .damaged(let reason): reason
        case .taken, .conflict: "two writers met"
        }
    }

    // MARK: Showing

    private static func output(_ report: SQLiteCopy.Report, file: String, words: String) -> CommandOutput {
        var table = TextTable(indent: "  ")
        for count in report.rows { table.add(count.table, String(count.rows)) }
        let kept = report.kept.map { "the store of before is kept as \($0)\n" } ?? ""
        return CommandOutput(
            text: "\(words) (\(report.bytes) bytes, checked)\n\(table.text)\(kept)",
            value: .object([
                .init("file", .string(file)), .init("bytes", .int(report.bytes)),
                .init("rows", .object(report.rows.map { .init($0.table, .int($0.rows)) })),
                .init("kept", report.kept.map(Value.string) ?? .null),
            ]))
    }

    private static func output(_ outcome: StoreMove.Outcome, onlyVerifies: Bool, to target: StoreAddress, took: Duration) -> CommandOutput {
        var table = TextTable(indent: "  ")
        table.add("TABLE", "ROWS", "SHA-256", "")
        for one in outcome.tables {
            let verdict = one.isEqual ? "same" : "differs from row \(one.firstDifference ?? 0) on; the target has \(one.targetRows) rows"
            table.add(one.table, String(one.sourceRows), one.sourceRows == 0 ? "-" : String(hex(one.sourceDigest).prefix(16)), verdict)
        }
        let ending =
            switch (outcome.isVerified, onlyVerifies) {
            case (true, true): "the two are the same\n"
            case (true, false): "moved: \(target) is complete. \(next(target)), then start the server.\n"
            case (false, true): "the two are NOT the same\n"
            case (false, false):
                "NOT moved: the two differ, and servers refuse \(target). The source was written between two runs: run it again with --restart.\n"
            }
        return CommandOutput(
            text: table.text + ending,
            value: .object([
                .init("verified", .bool(outcome.isVerified)), .init("copied", .int(outcome.copied)),
                .init("milliseconds", .int(took.wholeMicroseconds / 1000)),
                .init(
                    "tables",
                    .list(
                        outcome.tables.map { one in
                            .object([
                                .init("table", .string(one.table)), .init("same", .bool(one.isEqual)),
                                .init("source_rows", .int(one.sourceRows)), .init("target_rows", .int(one.targetRows)),
                                .init("source_sha256", .string(hex(one.sourceDigest))),
                                .init("target_sha256", .string(hex(one.targetDigest))),
                                .init("first_difference", one.firstDifference.map(Value.int) ?? .null),
                            ])
                        })),
            ]), isFailure: !outcome.isVerified)
    }

    private static func next(_ target: StoreAddress) -> String {
        switch target {
        case .sqlite: "Configure `store: sqlite`, and let this file be `dragoman.sqlite` of the state folder"
        case .postgres: "Let `store` in the configuration be its address"
        }
    }

    private static func hex(_ digest: Digest) -> String {
        digest.bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}
