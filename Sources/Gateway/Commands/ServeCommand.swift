import DialectEngine
import Glibc
import Identity
package import Logging
import NIOCore
import ServiceLifecycle

/// `dragoman serve`: runs until it is told to stop.
package enum ServeCommand {
    /// Runs a deployment; `print` is given what a newcomer should read once everything listens.
    package static func run(
        _ deployment: Deployment, environment: [String: String], format: LogFormat, level: Logger.Level, cores: Int,
        print: @escaping @Sendable (String) -> Void
    ) async throws {
        // One event loop for each core that is ours; more would only take turns.
        NIOSingletons.groupLoopCountSuggestion = cores
        // Whoever reads the log may go away without taking the server along.
        signal(SIGPIPE, SIG_IGN)
        let thread = LogThread { lost in
            let pairs = [("time", SystemClock.now().iso8601Milliseconds), ("level", "warning"), ("event", "log lines lost")]
            return LogLine.bytes(pairs + [("lines", String(lost))], format)
        }
        defer { thread.close() }
        var log = Logger(label: "dragoman") { _ in LineLog(format: format, now: SystemClock.now, write: thread.write) }
        log.logLevel = level
        for weakness in deployment.report.warnings {
            log.warning("\(weakness.message)", metadata: ["place": "\(weakness.place)"])
        }
        var options = ServeOptions(log: log, hashThreads: cores, environment: environment)
        options.lostLogLines = { thread.lostLines }
        let assembly = try await Assembly.open(deployment.plan, options)
        let plan = deployment.plan
        try await assembly.group { ports in print(welcome(plan, ports: ports)) }.run()
    }

    /// Where each frontend listens, where mails are, what to try.
    static func welcome(_ plan: Plan, ports: [ListenAddress: Int]) -> String {
        var table = TextTable(indent: "  ")
        for frontend in plan.frontends {
            let configuration = frontend.configuration
            var address = configuration.listen
            address.port = ports[configuration.listen] ?? address.port
            table.add(
                configuration.name, address.url + configuration.prefix, frontend.dialect.name, configuration.host.map { "host \($0)" } ?? ""
            )
        }
        let configuration = plan.configuration
        // Commands that are typed elsewhere have to mean this deployment.
        let option = configuration.file == "config.yaml" ? "" : " --config \(configuration.file)"
        var text = "dragoman \(DragomanVersion.text), \(configuration.profile.rawValue)\n\n\(table.text)\n"
        text += "  management  http://\(configuration.management)/readyz, /metrics\n"
        switch configuration.mail.transport {
        case .mailbox: text += "  mails       \(configuration.mailboxFolder); read the newest by `dragoman mail show\(option)`\n"
        case .smtp(let url, _): text += "  mails       \(url)\n"
        }
        text += "  routes      `dragoman routes\(option)`\n"
        if let route = firstRoute(plan) { text += "  try         \(route)\n" }
        return text
    }

    private static func firstRoute(_ plan: Plan) -> String? {
        for frontend in plan.frontends {
            for route in frontend.dialect.routes where route.operation == .static && route.methods.contains("GET") {
                let path = route.paths.first.map {
                    "/" + $0.segments.compactMap { if case .literal(let text) = $0 { text } else { nil } }.joined(separator: "/")
                }
                return path.map { "curl -i \(frontend.configuration.publicURL)\($0)" }
            }
        }
        return nil
    }
}
