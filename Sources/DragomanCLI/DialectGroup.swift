import ArgumentParser
import Gateway

struct DialectGroup: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "dialect", abstract: "Work on dialects.", subcommands: [Test.self])

    struct Test: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Load a dialect and replay its transcripts byte for byte.")

        @Argument(help: "The dialects' folders, such as Dialects/mine.")
        var folders: [String]

        @Flag(name: .long, help: "Rewrite the transcripts with what came, to be reviewed as a difference.")
        var record = false

        @Flag(name: .long, help: "Write JSON, for scripts.")
        var json = false

        func run() async throws {
            let failures = await DialectCommands.test(folders, recording: record) { Terminal.write($0.rendered(asJSON: json)) }
            if failures > 0 { throw ExitCode.failure }
        }
    }
}
