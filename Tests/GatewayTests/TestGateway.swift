import DialectEngine
import Gateway
import Identity
import Logging
import ServiceLifecycle
import TestSupport
import Testing

/// A whole gateway over a folder, on ports that the system chose.
struct TestGateway: Sendable {
    let assembly: Assembly
    let lines: LogLines
    let ports: [ListenAddress: Int]
    let deployment: Deployment
    private let group: ServiceGroup
    private let running: Task<Void, any Error>

    static let pocket = """
        profile: development
        management: 127.0.0.9:0
        frontends:
          pocket:
            dialect: pocket
            listen: 127.0.0.1:0
            public: http://pocket.test
        """

    /// Starts what `config.yaml` in the folder says.
    init(
        _ folder: TestFolder, limits: EdgeLimits = EdgeLimits(), now: @escaping @Sendable () -> Instant = SystemClock.now,
        isShared: Bool = false, keyLead: Duration = KeyVault.lead
    ) async throws {
        lines = LogLines()
        var deployment: Deployment
        do {
            deployment = try Deployment.read(folder.path + "/config.yaml", environment: [:])
        } catch let report as DiagnosticReport {
            throw AssemblyFault(report.rendered)
        }
        // As if other machines had the same store.
        deployment.plan.configuration.keysAreInStore = isShared
        self.deployment = deployment
        var options = ServeOptions(log: lines.logger, hashThreads: 2, environment: [:])
        options.takesSignals = false
        options.limits = limits
        options.now = now
        options.drain = .seconds(10)
        options.lull = .zero
        options.keyPause = .milliseconds(20)
        options.keyLead = keyLead
        assembly = try await Assembly.open(deployment.plan, options)
        let (listening, arrived) = AsyncStream<[ListenAddress: Int]>.makeStream()
        group = try assembly.group { arrived.yield($0) }
        running = Task { [group] in
            defer { arrived.finish() }
            try await group.run()
        }
        var iterator = listening.makeAsyncIterator()
        guard let ports = await iterator.next() else {
            try await running.value
            throw AssemblyFault("it ended at once")
        }
        self.ports = ports
    }

    var port: Int { port("127.0.0.1") }
    var management: Int { port("127.0.0.9") }

    func port(_ host: String) -> Int { ports[ListenAddress(host: host, port: 0)] ?? 0 }

    /// Begins to go down.
    func drain() async { await group.triggerGracefulShutdown() }

    /// Waits for the end.
    func ended() async throws { try await running.value }

    func stop() async throws {
        await drain()
        try await ended()
    }

    /// Runs a body over a gateway of one configuration.
    static func with<Answer>(
        _ configuration: String = pocket, limits: EdgeLimits = EdgeLimits(), now: @escaping @Sendable () -> Instant = SystemClock.now,
        prepare: (TestFolder) throws -> Void = { _ in },
        _ body: (TestGateway, TestFolder) async throws -> Answer
    ) async throws -> Answer {
        let folder = try TestFolder()
        defer { folder.remove() }
        try folder.write("config.yaml", configuration)
        try prepare(folder)
        let gateway = try await TestGateway(folder, limits: limits, now: now)
        let answer: Answer
        do {
            answer = try await body(gateway, folder)
        } catch {
            try? await gateway.stop()
            throw error
        }
        try await gateway.stop()
        return answer
    }
}
