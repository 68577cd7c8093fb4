import Foundation
import Synchronization

/// A real PostgreSQL server that is there only for the tests: `Tests/Peers/postgres-cluster.sh`, which ends with this process.
package final class PostgresCluster: Sendable {
    package struct Missing: Error, CustomStringConvertible {
        package let description: String
    }

    private static let shared = Task { try await PostgresCluster.start() }

    /// One for all tests that leave it alone; started when the first asks for it.
    package static func common() async throws -> PostgresCluster { try await shared.value }

    /// A server that a test may kill.
    package static func start() async throws -> PostgresCluster { try await aside { try PostgresCluster() } }

    /// One that also takes connections on 127.0.0.1, by TLS and without; its certificates are in the folder's `tls`.
    package static func startWithTLS() async throws -> PostgresCluster { try await aside { try PostgresCluster(["POSTGRES_TLS": "1"]) } }

    /// Where its sockets are.
    package let folder: String
    package let port: Int
    private let process = Process()
    private let commands = Pipe()
    private let answers = Pipe()
    private let speaking = Mutex(Data())
    private let databases = Atomic<Int>(0)
    private let places = Places(count: 10)

    private init(_ environment: [String: String] = [:]) throws {
        let tests = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["bash", tests.appending(path: "Peers/postgres-cluster.sh").path]
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { _, ours in ours }
        process.standardInput = commands
        process.standardOutput = answers
        try process.run()
        let greeting = speaking.withLock { [answers] in Self.line(answers, &$0) } ?? "nothing"
        guard greeting.hasPrefix("ready ") else {
            throw Missing(description: "no PostgreSQL for the tests: \(greeting); `make test` installs it")
        }
        folder = String(greeting.dropFirst("ready ".count))
        port = try Int(String(contentsOfFile: folder + "/port", encoding: .utf8).trimmingCharacters(in: .whitespacesAndNewlines)) ?? 5432
    }

    deinit {
        // The end of its input ends the server.
        try? commands.fileHandleForWriting.close()
        process.waitUntilExit()
    }

    /// Runs a command of the script: `stop 0`, `start 0` ...
    package func run(_ command: String) async throws { try await Self.aside { [self] in try runHere(command) } }

    /// The same for those who may hold up their thread.
    package func runHere(_ command: String) throws {
        let answer = try speaking.withLock { unread in
            try commands.fileHandleForWriting.write(contentsOf: Data("\(command)\n".utf8))
            return Self.line(answers, &unread)
        }
        guard answer == "done" else { throw Missing(description: "PostgreSQL did not obey: \(command)") }
    }

    /// The connection string of a database here.
    package func url(_ database: String, user: String = "dragoman", port: Int? = nil) -> String {
        "postgresql://\(user)@/\(database)?host=\(folder)&port=\(port ?? self.port)"
    }

    /// Makes an empty database and takes it away after the body; a few are there at a time.
    package func withDatabase<Outcome>(_ body: (_ url: String) async throws -> Outcome) async throws -> Outcome {
        await places.take()
        defer { places.giveBack() }
        let name = "test_\(databases.wrappingAdd(1, ordering: .relaxed).newValue)"
        _ = try await ask("CREATE DATABASE \(name)")
        let result = try await body(url(name))
        _ = try await ask("DROP DATABASE \(name) WITH (FORCE)")
        return result
    }

    /// What `psql` says to a statement, as plain text.
    package func ask(_ sql: String, of database: String = "postgres", port: Int? = nil) async throws -> String {
        try await Self.aside { [self] in try askHere(sql, of: database, port: port) }
    }

    /// The same for those who may hold up their thread.
    package func askHere(_ sql: String, of database: String = "postgres", port: Int? = nil) throws -> String {
        let psql = Process()
        let output = Pipe()
        psql.executableURL = URL(filePath: "/usr/bin/env")
        psql.arguments = ["psql", "-XqAt", "-v", "ON_ERROR_STOP=1", "-d", url(database, port: port), "-c", sql]
        psql.standardInput = FileHandle.nullDevice
        psql.standardOutput = output
        try psql.run()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        psql.waitUntilExit()
        guard psql.terminationStatus == 0 else { throw Missing(description: "psql could not run: \(sql)") }
        return text.trimmingCharacters(in: .whitespacesAndNewlines)
    }

    /// On a thread of its own: waiting for a child would hold up one of Swift's few.
    private static func aside<Outcome: Sendable>(_ body: @escaping @Sendable () throws -> Outcome) async throws -> Outcome {
        try await withCheckedThrowingContinuation { continuation in
            Thread { continuation.resume(with: Result(catching: body)) }.start()
        }
    }

    private static func line(_ pipe: Pipe, _ unread: inout Data) -> String? {
        while true {
            if let end = unread.firstIndex(of: UInt8(ascii: "\n")) {
                defer { unread = Data(unread[(end + 1)...]) }
                return String(decoding: unread[..<end], as: UTF8.self)
            }
            let more = pipe.fileHandleForReading.availableData
            guard !more.isEmpty else { return nil }
            unread += more
        }
    }
}

/// So many may be in at once; the others wait.
private final class Places: Sendable {
    private struct Line {
        var free: Int
        var waiting: [CheckedContinuation<Void, Never>] = []
    }

    private let line: Mutex<Line>

    init(count: Int) { line = Mutex(Line(free: count)) }

    func take() async {
        await withCheckedContinuation { continuation in
            let isIn = line.withLock { line in
                guard line.free > 0 else {
                    line.waiting.append(continuation)
                    return false
                }
                line.free -= 1
                return true
            }
            if isIn { continuation.resume() }
        }
    }

    func giveBack() {
        let next: CheckedContinuation<Void, Never>? = line.withLock { line in
            guard !line.waiting.isEmpty else {
                line.free += 1
                return nil
            }
            return line.waiting.removeFirst()
        }
        next?.resume()
    }
}
