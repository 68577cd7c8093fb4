public import ArgumentParser
import Gateway
public import Logging

struct Serve: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Serve every frontend of the configuration.",
        discussion: """
            SIGHUP reads configuration and dialects anew; what is broken leaves the old in force and is logged. SIGTERM and SIGINT let
            requests under way end, for at most 25 seconds.
            """)

    @Option(name: .long, help: ArgumentHelp("The configuration.", valueName: "file"))
    var config = "config.yaml"

    @Option(name: .long, help: "How log lines are written: text or json.")
    var logFormat = LogFormat.text

    @Option(name: .long, help: "The least level that is logged: trace, debug, info, notice, warning, error or critical.")
    var logLevel = Logger.Level.info

    @Flag(name: .long, help: "Say at the start only what is amiss.")
    var quiet = false

    func run() async throws {
        do {
            let environment = Terminal.environment
            let deployment = try Deployment.read(config, environment: environment)
            let quiet = quiet
            try await ServeCommand.run(deployment, environment: environment, format: logFormat, level: logLevel, cores: Terminal.cores) {
                welcome in
                if !quiet { Terminal.write(welcome) }
            }
        } catch {
            Terminal.complain(CommandFault.words(for: error))
            throw ExitCode.failure
        }
    }
}

extension LogFormat: ExpressibleByArgument {}
extension Logger.Level: @retroactive ExpressibleByArgument {}
