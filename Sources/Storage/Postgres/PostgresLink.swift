import CLibpq
import Glibc
import Identity

/// One connection of libpq in pipeline mode, for one thread at a time.
///
/// What is queued goes out together and is answered together, so the start of a transaction costs no journey of its own. No wait is
/// longer than its deadline. Nothing that the server says reaches the standard error.
final class PostgresLink {
    private let connection: OpaquePointer
    /// Counts the server's warnings; libpq writes through it.
    private let warningCount: UnsafeMutablePointer<Int>
    /// Groups that were sent and whose answers nobody waits for.
    private var unread = 0
    private(set) var isBroken = false

    /// Signs in; throws `PostgresRefusal`.
    init(_ options: [(keyword: String, value: String)], until deadline: ContinuousClock.Instant) throws(PostgresRefusal) {
        var keywords = options.map { strdup($0.keyword).map { UnsafePointer($0) } }
        var values = options.map { strdup($0.value).map { UnsafePointer($0) } }
        defer { for case let text? in keywords + values { free(UnsafeMutablePointer(mutating: text)) } }
        keywords.append(nil)
        values.append(nil)
        guard let started = PQconnectStartParams(keywords, values, 0) else { throw PostgresRefusal(reason: "no memory is left") }
        connection = started
        warningCount = .allocate(capacity: 1)
        warningCount.initialize(to: 0)
        PQsetNoticeReceiver(
            connection,
            { count, result in
                guard let severity = PQresultErrorField(result, CInt(UInt8(ascii: "V"))), strcmp(severity, "WARNING") == 0 else { return }
                count?.assumingMemoryBound(to: Int.self).pointee += 1
            }, warningCount)
        // Codes instead of words: these come in the server's language and hold names.
        PQsetErrorVerbosity(connection, PQERRORS_SQLSTATE)
        try signIn(until: deadline)
        guard PQsetnonblocking(connection, 1) == 0, PQenterPipelineMode(connection) == 1 else {
            throw PostgresRefusal(reason: "libpq is older than version 14")
        }
    }

    deinit {
        PQfinish(connection)
        warningCount.deallocate()
    }

    var warnings: Int { warningCount.pointee }

    /// What the server calls our session.
    var session: Int32 { PQbackendPID(connection) }

    /// A parameter that the server told when we signed in.
    func told(_ name: String) -> String? { PQparameterStatus(connection, name).map { String(cString: $0) } }

    /// False when the server has closed the connection meanwhile.
    func stillStands() -> Bool {
        guard !isBroken, PQstatus(connection) == CONNECTION_OK else { return false }
        for _ in 0..<8 {
            guard isReady(POLLIN, within: 0) else { return true }
            guard PQconsumeInput(connection) == 1 else { return false }
        }
        return true
    }

    // MARK: Sending

    func prepare(_ name: String, _ sql: String, _ types: [Oid]) throws {
        guard PQsendPrepare(connection, name, sql, CInt(types.count), types) == 1 else { throw broken(.lost()) }
    }

    func run(_ name: String, _ values: PostgresValues) throws {
        let isSent = values.pass { count, values, lengths, formats in
            PQsendQueryPrepared(connection, name, count, values, lengths, formats, 1)
        }
        guard isSent == 1 else { throw broken(.lost()) }
    }

    /// Ends the group; with `leave` its answers are skipped by the next `answer`.
    func endGroup(leave: Bool = false) throws {
        guard PQpipelineSync(connection) == 1, PQflush(connection) >= 0 else { throw broken(.lost()) }
        if leave { unread += 1 }
    }

    // MARK: Reading

    /// What the last statement of the group gave; throws `PostgresFault` of the first that failed.
    func answer(until deadline: ContinuousClock.Instant) throws -> PostgresAnswer {
        while unread > 0 {
            _ = try? readGroup(until: deadline)
            if isBroken { throw PostgresFault.lost() }
            unread -= 1
        }
        return try readGroup(until: deadline)
    }

    private func readGroup(until deadline: ContinuousClock.Instant) throws -> PostgresAnswer {
        var answer = PostgresAnswer()
        var fault: PostgresFault?
        var empty = 0
        while true {
            do throws(PostgresFault) {
                try awaitResult(until: deadline)
            } catch {
                // The server may have said why before it went.
                throw broken(fault.map { .lost($0.code) } ?? error)
            }
            guard let result = PQgetResult(connection) else {
                empty += 1
                // One ends each statement; more only come from a connection that is gone.
                guard empty < 3, PQstatus(connection) == CONNECTION_OK else { throw broken(fault ?? .lost()) }
                continue
            }
            empty = 0
            defer { PQclear(result) }
            switch PQresultStatus(result) {
            case PGRES_PIPELINE_SYNC:
                if let fault { throw fault }
                return answer
            case PGRES_COMMAND_OK, PGRES_TUPLES_OK: answer = PostgresAnswer(result)
            case PGRES_PIPELINE_ABORTED: break
            default:
                let found = Self.fault(result)
                if found.endsConnection, case .lost = found.cause { throw broken(found) }
                if fault == nil { fault = found }
            }
        }
    }

    private static func fault(_ result: OpaquePointer) -> PostgresFault {
        // The two fields that hold no value: SQLSTATE, and the severity in English.
        guard let code = PQresultErrorField(result, CInt(UInt8(ascii: "C"))) else { return .lost() }
        let severity = PQresultErrorField(result, CInt(UInt8(ascii: "V"))).map { String(cString: $0) }
        return severity == "FATAL" || severity == "PANIC" ? .lost(String(cString: code)) : .refused(String(cString: code))
    }

    private func awaitResult(until deadline: ContinuousClock.Instant) throws(PostgresFault) {
        while true {
            let unsent = PQflush(connection)
            guard unsent >= 0 else { throw .lost() }
            if PQisBusy(connection) == 0 { return }
            guard wait(unsent == 1 ? POLLIN | POLLOUT : POLLIN, until: deadline) else { throw .silent }
            guard PQconsumeInput(connection) == 1 else {
                // What came before the end is read first.
                if PQisBusy(connection) == 0 { return }
                throw .lost()
            }
        }
    }

    private func broken(_ fault: PostgresFault) -> PostgresFault {
        isBroken = true
        return fault
    }

    // MARK: Signing in

    private func signIn(until deadline: ContinuousClock.Instant) throws(PostgresRefusal) {
        var next = PGRES_POLLING_WRITING
        while true {
            guard PQstatus(connection) != CONNECTION_BAD else { throw refusal() }
            switch next {
            case PGRES_POLLING_OK: return
            case PGRES_POLLING_READING:
                guard wait(POLLIN, until: deadline) else { throw PostgresRefusal.silent }
            case PGRES_POLLING_WRITING:
                guard wait(POLLOUT, until: deadline) else { throw PostgresRefusal.silent }
            default: throw refusal()
            }
            next = PQconnectPoll(connection)
        }
    }

    private func refusal() -> PostgresRefusal {
        PostgresRefusal(PQerrorMessage(connection).map { String(cString: $0) } ?? "")
    }

    // MARK: Waiting

    private func wait(_ events: CInt, until deadline: ContinuousClock.Instant) -> Bool {
        while true {
            let left = (deadline - ContinuousClock.now).wholeMicroseconds / 1000
            guard left > 0 else { return false }
            if isReady(events, within: CInt(clamping: left + 1)) { return true }
        }
    }

    /// An interrupted wait counts as one that was in vain.
    private func isReady(_ events: CInt, within milliseconds: CInt) -> Bool {
        var socket = pollfd(fd: PQsocket(connection), events: Int16(events), revents: 0)
        return poll(&socket, 1, milliseconds) > 0
    }
}
