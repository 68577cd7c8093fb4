import ArgumentParser

@main
struct Dragoman: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "dragoman", abstract: "An authentication gateway that speaks the API your frontend already speaks.")
}
