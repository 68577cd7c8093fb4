import Storage
import TestSupport
import Testing

@testable import Gateway
@testable import Identity

@Suite struct TokenCensusTests {
    /// Its key may be another backend's, too, whose tokens are judged from memory.
    private static let configuration =
        TestGateway.pocket + """

                keys: { access: "a secret of the tests, 32 bytes and more" }
                seed: [{ email: ann@example.com, password: correct horse battery }]
            """

    @Test func `accounts are remembered soon after a start, and again when another process has written`() async throws {
        try await TestGateway.with(Self.configuration) { gateway, _ async throws -> Void in
            let engine = try #require(gateway.assembly.live.values.first?.frontends.first).engine
            let cache = try #require(engine.cache)
            let accounts = { try await engine.environment.store.read { try $0.accounts(realm: "pocket", after: 0, limit: 9, search: nil) } }
            func isRemembered(_ account: Account) -> Bool {
                cache.owner(engine.frontend.access.subjectCodec.reference(to: account))?.email == account.email
            }
            let ann = try #require(try await accounts().first)
            try await until { isRemembered(ann) }
            let unknown = Digest(bytes: [UInt8](repeating: 7, count: 32))
            try await until { !cache.mayBeRecorded(unknown) }

            let other = try SQLStore.sqlite(path: gateway.deployment.plan.configuration.storePath, now: SystemClock.now())
            _ = try await other.write { try $0.nextSerial(realm: "another") }
            await other.close()
            try await until { !isRemembered(ann) }
            try await until { isRemembered(ann) }
        }
    }

    private func until(_ holds: () -> Bool) async throws {
        let end = ContinuousClock.now + .seconds(20)
        while !holds() {
            try #require(ContinuousClock.now < end)
            try await Task.sleep(for: .milliseconds(1))
        }
    }
}
