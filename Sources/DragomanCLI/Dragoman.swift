import ArgumentParser

@main
struct Dragoman: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "dragoman",
        abstract: "An authentication gateway that speaks the API that your frontend already speaks.",
        discussion: """
            A first look:
              dragoman check            what is wrong with config.yaml, or weak in it
              dragoman serve            serve every frontend of config.yaml
              dragoman routes           what is served where
              dragoman mail show        the newest mail, with its code or link
            """,
        subcommands: [
            Serve.self, Check.self, Routes.self, AccountGroup.self, MailGroup.self, KeysGroup.self, StoreGroup.self, DialectGroup.self,
            SchemaCommand.self, Version.self,
        ])
}
