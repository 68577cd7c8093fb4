import ArgumentParser
import Gateway

struct StoreGroup: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "store", abstract: "Back the store up, restore it, and move it into another.",
        subcommands: [Backup.self, Restore.self, Move.self])

    struct Backup: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Copy the SQLite store into one file, also while it is served.",
            discussion: """
                The copy is the store of one moment. It is checked and on the disk before it has its name, and only its owner can read it.
                A store in PostgreSQL is backed up by pg_dump or by the server's own means.
                """)

        @OptionGroup var options: CommonOptions
        @Argument(help: "The new file.") var file: String
        @Flag(name: .long, help: "Replace the file when it is there.") var force = false

        func run() async throws {
            try await options.run { try StoreCommands.backup($0, to: file, replaces: force) }
        }
    }

    struct Restore: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Put a backup in the place of the SQLite store, which nobody may serve meanwhile.",
            discussion: """
                The backup is checked before anything is touched. The store that was there is kept beside the new one.
                What was ended after the backup, such as a logout, is valid again.
                """)

        @OptionGroup var options: CommonOptions
        @Argument(help: "The backup.") var file: String

        func run() async throws {
            try await options.run { try StoreCommands.restore($0, from: file) }
        }
    }

    struct Move: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Copy all that a store holds into an empty one, and verify it.",
            discussion: """
                  dragoman store move --from sqlite:state/dragoman.sqlite --to env:DATABASE_URL
                No server may have either open. The source is only read. Servers refuse the target until both were read whole and are the same.
                A move that was stopped goes on where it was when the same command is run again. The exit code is 1 when the two differ.
                """)

        @Option(name: .long, help: ArgumentHelp("sqlite:PATH, postgres://..., or env:NAME for what a variable holds.", valueName: "store"))
        var from: String

        @Option(name: .long, help: ArgumentHelp("The same; made where it is missing.", valueName: "store"))
        var to: String

        @Flag(name: .long, help: "Only read both and tell whether they are the same.")
        var verifyOnly = false

        @Flag(name: .long, help: "Empty a target in which a move has not ended, and begin anew.")
        var restart = false

        @Flag(name: .long, help: "Write JSON, for scripts.")
        var json = false

        func validate() throws {
            guard !(verifyOnly && restart) else { throw ValidationError("--verify-only changes nothing, so it cannot --restart") }
        }

        func run() async throws {
            let output: CommandOutput
            do {
                output = try await StoreCommands.move(
                    from: from, to: to, environment: Terminal.environment, restarts: restart, onlyVerifies: verifyOnly,
                    isTerminal: Terminal.isSeen, progress: Terminal.complain)
            } catch {
                Terminal.complain(CommandFault.words(for: error))
                throw ExitCode.failure
            }
            Terminal.write(output.rendered(asJSON: json))
            if output.isFailure { throw ExitCode.failure }
        }
    }
}
