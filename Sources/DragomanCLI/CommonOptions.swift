import ArgumentParser
import Gateway

/// What every command takes.
struct CommonOptions: ParsableArguments {
    @Option(name: .long, help: ArgumentHelp("The configuration.", valueName: "file"))
    var config = "config.yaml"

    @Flag(name: .long, help: "Write JSON, for scripts.")
    var json = false

    func deployment() throws -> Deployment { try Deployment.read(config, environment: Terminal.environment) }

    /// Runs a command, writes what it says, and turns refusals into words and exit code 1.
    func run(_ command: (Deployment) async throws -> CommandOutput) async throws {
        try await finish {
            try await command(try deployment())
        }
    }

    func finish(_ command: () async throws -> CommandOutput) async throws {
        let output: CommandOutput
        do {
            output = try await command()
        } catch {
            Terminal.complain(CommandFault.words(for: error))
            throw ExitCode.failure
        }
        Terminal.write(output.rendered(asJSON: json))
        if output.isFailure { throw ExitCode.failure }
    }
}
