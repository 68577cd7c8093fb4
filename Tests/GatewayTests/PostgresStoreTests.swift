import DialectEngine
import Foundation
import Gateway
import Identity
import Storage
import TestSupport
import Testing

/// The gateway and the shipped dialects over a store in PostgreSQL.
@Suite struct PostgresStoreTests {
    private static let hasher = PasswordHasher(cores: 2, waitingLimit: 10_000)
    private static let storeKey = "store-key: a store key of 32 bytes and more, for tests\n"
    private static let folders = ["xpay", "rsa-jwt", "aethermind", "servitech", "devise"].map { "Dialects/\($0)" } + ["Examples/pocket"]

    @Test(arguments: folders)
    func `every transcript plays as it is written`(folder: String) async throws {
        let full = "\(TestFolder.packageRoot)/\(folder)"
        let names = try FileManager.default.contentsOfDirectory(atPath: "\(full)/transcripts").filter { $0.hasSuffix(".http") }.sorted()
        #expect(!names.isEmpty)
        let cluster = try await PostgresCluster.common()
        for name in names {
            let file = try TranscriptFile(try String(contentsOfFile: "\(full)/transcripts/\(name)", encoding: .utf8))
            let dialect = try DialectLoader.load(folder: full, settings: file.settings).get()
            try await cluster.withDatabase { url in
                let store = try await SQLStore.postgres(url: url, now: SystemClock.now())
                let report = try await Rehearsal(dialect, hasher: Self.hasher, store: store).play(file)
                for mismatch in report.mismatches { Issue.record("\(folder) \(name) \(mismatch)") }
                await store.close()
            }
        }
    }

    @Test func `a gateway starts on a database, is ready, and not when the database is gone`() async throws {
        let cluster = try await PostgresCluster.start()
        let configuration = TestGateway.pocket.replacing(
            "profile:", with: "store: \"\(cluster.url("dragoman"))\"\n\(Self.storeKey)profile:")
        try await TestGateway.with(configuration) { gateway, _ in
            let ready = try await gateway.send("GET", "/readyz", port: gateway.management, address: "127.0.0.9")
            #expect(ready.status == 200)
            try await cluster.run("stop 0")
            let gone = try await gateway.send("GET", "/readyz", port: gateway.management, address: "127.0.0.9")
            #expect(gone.status == 503)
        }
    }

    @Test(arguments: [
        ("postgres://ann:hunter22@localhost:1/none", "the store in PostgreSQL: the database server: nobody listens there"),
        ("postgres://ann:hunter22@nowhere.invalid/none", "the store in PostgreSQL: the database server: its host name is unknown"),
    ])
    func `a database that lets nobody in is named in words without its address`(address: String, words: String) async throws {
        let configuration = TestGateway.pocket.replacing("profile:", with: "store: \"\(address)\"\n\(Self.storeKey)profile:")
        let fault = await #expect(throws: AssemblyFault.self) { try await TestGateway.with(configuration) { _, _ in } }
        #expect(fault?.description == words)
    }
}
