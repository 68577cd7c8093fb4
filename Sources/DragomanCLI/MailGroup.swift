import ArgumentParser
import Gateway

struct MailGroup: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "mail", abstract: "Look at mails: those in the mailbox, those that wait, those that failed.",
        subcommands: [List.self, Show.self])

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List mails, newest first.")

        @OptionGroup var options: CommonOptions

        @Flag(name: .long, help: "Those that were given up.")
        var failed = false

        @Flag(name: .long, help: "Those that are still to be sent.")
        var waiting = false

        @Flag(name: .long, help: "Those that were sent.")
        var sent = false

        @Option(name: .long, help: "At most so many.")
        var limit = 20

        func validate() throws {
            guard [failed, waiting, sent].count(where: { $0 }) <= 1 else { throw ValidationError("one of --failed, --waiting and --sent") }
        }

        func run() async throws {
            try await options.run { deployment in
                guard failed || waiting || sent else { return try MailCommands.mailbox(deployment, limit: limit) }
                return try await MailCommands.outbox(deployment, state: failed ? "failed" : waiting ? "waiting" : "sent", limit: limit)
            }
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Show a mail of the mailbox with the code and the link in it.")

        @OptionGroup var options: CommonOptions

        @Argument(help: "Its number in the list (1 is the newest) or its file; the newest unless given.")
        var mail: String?

        @Option(name: .long, help: "Count only mails to this address.")
        var to: String?

        func run() async throws {
            try await options.run { try MailCommands.show($0, which: mail, to: to) }
        }
    }
}
