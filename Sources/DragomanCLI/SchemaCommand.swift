import ArgumentParser
import Gateway

struct SchemaCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "schema", abstract: "Write the JSON Schema of config.yaml or of dialect.yaml, for editors.")

    enum Subject: String, ExpressibleByArgument, CaseIterable {
        case config, dialect
    }

    @Argument(help: "config or dialect.")
    var subject = Subject.config

    func run() async throws {
        Terminal.write(subject == .config ? SchemaWriter.configuration : SchemaWriter.dialect)
    }
}
