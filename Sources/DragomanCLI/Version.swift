import ArgumentParser
import Gateway

struct Version: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Say the version.")

    @Flag(name: .long, help: "Write JSON, for scripts.")
    var json = false

    func run() {
        Terminal.write(json ? "{\"version\":\"\(DragomanVersion.text)\"}\n" : "dragoman \(DragomanVersion.text)\n")
    }
}
