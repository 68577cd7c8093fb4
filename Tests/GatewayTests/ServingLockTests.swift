import Identity
import TestSupport
import Testing

@testable import Gateway

@Suite struct ServingLockTests {
    @Test func `who serves first is alone until it is gone, and who comes later is not`() throws {
        let folder = try TestFolder()
        defer { folder.remove() }
        let path = folder.path + "/lock"
        do {
            let first = try #require(ServingLock(path: path))
            #expect(first.wasAlone)
            let second = try #require(ServingLock(path: path))
            #expect(!second.wasAlone)
            #expect(ServingLock(path: path)?.wasAlone == false)
            withExtendedLifetime((first, second)) {}
        }
        #expect(ServingLock(path: path)?.wasAlone == true)
        #expect(ServingLock(path: folder.path + "/nowhere/lock") == nil)
    }

    @Test func `a mail that a dead server had claimed is due when the next one starts, unless another lives`() async throws {
        let folder = try TestFolder()
        defer { folder.remove() }
        try folder.write("config.yaml", TestGateway.pocket)
        let deployment = try Deployment.read(folder.path + "/config.yaml", environment: [:])
        let now = SystemClock.now()
        try await deployment.withStore { store in
            try await store.write { store in
                let mail = OutboxEntry(
                    id: "a", realm: "pocket", notice: .confirm, recipient: "ann@example.com", payload: [0], createdAt: now - .seconds(9))
                try store.enqueue(mail)
                _ = try store.claimOutbox(at: now, until: now + .seconds(100))
            }
        }
        let waiting = {
            try await deployment.withStore { try await $0.read { try $0.outbox(state: .waiting, limit: 9).map(\.notBefore) } }
        }
        let open = {
            var options = ServeOptions(log: LogLines().logger, hashThreads: 1, environment: [:])
            options.now = { now }
            await (try Assembly.open(deployment.plan, options)).environment.store.close()
        }
        do {
            let other = try #require(ServingLock(path: folder.path + "/state/dragoman.sqlite.serving"))
            try await open()
            #expect(try await waiting() == [now + .seconds(100)])
            withExtendedLifetime(other) {}
        }
        try await open()
        #expect(try await waiting() == [now])
    }
}
