import ArgumentParser
import Gateway

struct Check: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Say what is wrong with the configuration and its dialects, and which weaknesses clients can see. Changes nothing.")

    @OptionGroup var options: CommonOptions

    func run() async throws {
        try await options.finish { CheckCommand.run(options.config, environment: Terminal.environment) }
    }
}
