import ArgumentParser
import Gateway

struct AccountGroup: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "account", abstract: "Make, find and change accounts.",
        discussion: """
            An account is named by its id as clients see it, its UUID, its serial, its e-mail, username or phone number. People choose \
            their usernames: a name that fits two accounts is refused, until it says what it is: id:, uuid:, serial:, email:, username: \
            or phone: before it.
            """,
        subcommands: [Create.self, List.self, Show.self, Suspend.self, Resume.self, Role.self, Delete.self])
}

/// Which frontend's realm.
struct RealmOptions: ParsableArguments {
    @OptionGroup var options: CommonOptions

    @Option(name: .long, help: "The frontend whose realm is meant; needed when there are several.")
    var frontend: String?
}

extension AccountGroup {
    struct Create: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make an account.",
            discussion: """
                The password is asked for, or read from standard input or DRAGOMAN_PASSWORD; never from the command line.
                  dragoman account create --frontend shop --email a@example.com --role admin --confirmed name=Ann
                """)

        @OptionGroup var realm: RealmOptions

        @Option(name: .long, help: "The e-mail address.")
        var email: String

        @Option(name: .long, help: "The username, where accounts have one.")
        var username: String?

        @Option(name: .long, help: "The phone number, where accounts have one.")
        var phone: String?

        @Option(name: .long, help: "The role; the dialect's default unless given.")
        var role: String?

        @Flag(name: .long, help: "The address needs no proof any more.")
        var confirmed = false

        @Flag(name: .long, help: "Without a password: no sign-in until a reset.")
        var withoutPassword = false

        @Argument(help: "Attributes of the dialect, as name=value.")
        var attributes: [String] = []

        func run() async throws {
            try await realm.options.run { deployment in
                var slots = ["email": email]
                slots["username"] = username
                slots["phone"] = phone
                slots["role"] = role
                for attribute in attributes {
                    let parts = attribute.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
                    guard parts.count == 2 else { throw AssemblyFault("`\(attribute)` is not name=value") }
                    slots[parts[0]] = parts[1]
                }
                let password = withoutPassword ? nil : try PasswordInput.read(environment: Terminal.environment)
                return try await AccountCommands.create(
                    deployment, frontend: realm.frontend, slots: slots, password: password, isConfirmed: confirmed)
            }
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List accounts in the order in which they were made.")

        @OptionGroup var realm: RealmOptions

        @Option(name: .long, help: "Begin after this serial.")
        var after: Int64 = 0

        @Option(name: .long, help: "At most so many, 1 to 1000.")
        var limit = 50

        @Option(name: .long, help: "Only those whose e-mail or username begins so.")
        var search: String?

        func validate() throws {
            guard (1...1000).contains(limit) else { throw ValidationError("--limit is 1 to 1000") }
        }

        func run() async throws {
            try await realm.options.run {
                try await AccountCommands.list($0, frontend: realm.frontend, after: after, limit: limit, search: search)
            }
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Show an account.")
        @OptionGroup var realm: RealmOptions
        @Argument(help: "The account.") var account: String

        func run() async throws {
            try await realm.options.run { try await AccountCommands.show($0, frontend: realm.frontend, name: account) }
        }
    }

    struct Suspend: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Refuse an account every sign-in and token from now on.")
        @OptionGroup var realm: RealmOptions
        @Argument(help: "The account.") var account: String

        func run() async throws {
            try await realm.options.run { try await AccountCommands.suspend($0, frontend: realm.frontend, name: account) }
        }
    }

    struct Resume: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Let a suspended account sign in again.")
        @OptionGroup var realm: RealmOptions
        @Argument(help: "The account.") var account: String

        func run() async throws {
            try await realm.options.run { try await AccountCommands.resume($0, frontend: realm.frontend, name: account) }
        }
    }

    struct Role: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Give an account another role.")
        @OptionGroup var realm: RealmOptions
        @Argument(help: "The account.") var account: String
        @Argument(help: "The role.") var role: String

        func run() async throws {
            try await realm.options.run {
                try await AccountCommands.setRole($0, frontend: realm.frontend, name: account, role: role)
            }
        }
    }

    struct Delete: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Delete an account, as the dialect's policy says: for good, or so that its names stay taken.")
        @OptionGroup var realm: RealmOptions
        @Argument(help: "The account.") var account: String

        func run() async throws {
            try await realm.options.run { try await AccountCommands.delete($0, frontend: realm.frontend, name: account) }
        }
    }
}
