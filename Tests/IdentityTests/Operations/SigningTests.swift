import Identity
import TestSupport
import Testing

@Suite struct SigningTests {
    @Test func `RSA tokens are signed on threads of their own, and rotation of keys keeps the old tokens`() async throws {
        let old = try SigningKey.rs256(pem: SigningKey.generateRSA(bits: 2048))
        let new = try SigningKey.rs256(pem: SigningKey.generateRSA(bits: 2048))
        let ring = try KeyRing(current: old)
        let rotated = try KeyRing(current: new, overlapping: [old.verification])
        let policy = TestEngine.policy { $0.renewal = .rotating(grace: .seconds(10)) }
        let header = Array(#"{"typ":"JWT","alg":"RS256"}"#.utf8)
        let setUp = { (ring: KeyRing) in
            { (frontend: inout Frontend) in
                frontend.keys = { ring }
                frontend.access.header = header
                frontend.refresh?.header = header
            }
        }
        let world = try TestEngine(policy, refresh: true, jti: nil, adjust: setUp(ring))
        await world.register()
        let tokens = try #require(await world.login().facts.token)
        #expect(tokens.access.hasPrefix("eyJ0eXAiOiJKV1QiLCJhbGciOiJSUzI1NiJ9."))
        #expect(await world.read(tokens.access).outcome == .found)
        let next = try TestEngine(policy, refresh: true, jti: nil, store: world.store, clock: world.clock, seed: 2, adjust: setUp(rotated))
        #expect(await next.read(tokens.access).outcome == .found)
        let refreshed = try #require(await next.perform(.refresh, [.refreshToken: tokens.refresh ?? ""]).facts.token)
        #expect(await next.read(refreshed.access).outcome == .found)
        #expect(await world.read(refreshed.access).kind == .badSignature)
    }
}
