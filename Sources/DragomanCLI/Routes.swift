import ArgumentParser
import Gateway

struct Routes: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "List every route of every frontend with its operation.")

    @OptionGroup var options: CommonOptions

    @Argument(help: "One frontend only.")
    var frontend: String?

    @Flag(name: .long, help: "List what `settings:` may choose instead.")
    var settings = false

    func run() async throws {
        try await options.run {
            try settings ? RoutesCommand.settings($0, frontend: frontend) : RoutesCommand.routes($0, frontend: frontend)
        }
    }
}
