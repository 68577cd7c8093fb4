import ArgumentParser
import Gateway

struct KeysGroup: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "keys", abstract: "Look at the keys of frontends, and replace them. Secrets are never shown.",
        subcommands: [Show.self, Rotate.self])

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List the keys that sign and verify.")
        @OptionGroup var options: CommonOptions

        func run() async throws { try await options.run { try KeyCommands.show($0) } }
    }

    struct Rotate: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make a new key; the old one still verifies for as long as its last token may live.")
        @OptionGroup var options: CommonOptions
        @Argument(help: "The frontend.") var frontend: String
        @Flag(help: "The key of the tokens that upstreams are sent, instead of that of clients' tokens.") var internalToken = false

        func run() async throws {
            try await options.run { try KeyCommands.rotate($0, frontend: frontend, isInternal: internalToken) }
        }
    }
}
