import FoundationEssentials
import Testing

@testable import Gateway

@Suite struct StoreCommandTests {
    @Test func `no backup takes the place of the configuration, nor of a key or a mail`() async throws {
        let folder = try TestFolder()
        defer { folder.remove() }
        try folder.write("config.yaml", TestGateway.pocket)
        let deployment = try Deployment.read(folder.path + "/config.yaml", environment: [:])
        try await deployment.withStore { _ in }
        let manager = FileManager.default
        for kept in ["keys", "mailbox"] {
            try manager.createDirectory(atPath: folder.path + "/state/\(kept)", withIntermediateDirectories: true)
            try folder.write("state/\(kept)/pocket.secret", "kept")
        }
        try manager.createSymbolicLink(atPath: folder.path + "/link", withDestinationPath: folder.path + "/state/keys")
        for name in ["config.yaml", "state/keys/pocket.secret", "state/keys/new.secret", "link/pocket.secret", "state/mailbox/mail"] {
            #expect(throws: AssemblyFault.self, "\(name)") {
                _ = try StoreCommands.backup(deployment, to: "\(folder.path)/\(name)", replaces: true)
            }
        }
        #expect(!manager.fileExists(atPath: folder.path + "/state/keys/new.secret"))
        #expect(manager.contents(atPath: folder.path + "/state/keys/pocket.secret") == Data("kept".utf8))
        _ = try StoreCommands.backup(deployment, to: folder.path + "/state/copy", replaces: false)
        _ = try StoreCommands.backup(deployment, to: folder.path + "/state/copy", replaces: true)
    }
}
