import ArgumentParser
import Gateway

struct KeysGroup: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "keys", abstract: "Look at the keys of frontends, and replace them. Secrets are never shown.",
        subcommands: [Show.self, Rotate.self])

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List the keys that sign and verify.")
        @OptionGroup var options: CommonOptions

        func run() async throws { try await options.run { try await KeyCommands.show($0) } }
    }

    struct Rotate: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make a new key; the old one still verifies for as long as its last token may live.",
            discussion: """
                A running server takes it over by itself: within one second, or, where several instances share the store, on all of them \
                at the moment that is printed. A key that the configuration gives is not replaced here; what to write there is told.
                """)
        @OptionGroup var options: CommonOptions
        @Argument(help: "The frontend.") var frontend: String
        @Flag(help: "The key of the tokens that upstreams are sent, instead of that of clients' tokens.") var internalToken = false
        @Option(
            help: ArgumentHelp(
                "How long the old key still verifies, such as 12h or 30d; 0 for a key that has leaked: its tokens are refused at once.",
                valueName: "span"))
        var overlap: String?
        @Flag(help: "With --overlap 0, also where the keys that are there cannot be read: their `store-key` is lost.") var force = false

        func validate() throws {
            guard try !force || span() == .zero else { throw ValidationError("--force goes with --overlap 0") }
        }

        private func span() throws -> Duration? {
            guard let overlap else { return nil }
            guard let span = KeyCommands.overlap(overlap) else {
                throw ValidationError("--overlap is a span like 90s, 10m, 12h or 30d (ten years at most), or 0")
            }
            return span
        }

        func run() async throws {
            let span = try span()
            try await options.run {
                try await KeyCommands.rotate($0, frontend: frontend, isInternal: internalToken, overlap: span, isForced: force)
            }
        }
    }
}
