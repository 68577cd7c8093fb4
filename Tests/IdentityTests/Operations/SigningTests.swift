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

    @Test(arguments: [TokenProfile.JTIForm.uuid, nil])
    func `a refresh token that is shown again while keys are replaced gives the very pair of its first use`(
        _ jti: TokenProfile.JTIForm?
    ) async throws {
        let old = try SigningKey.hs256(secret: Array("the old secret of a frontend: 32 bytes and more".utf8))
        let new = try SigningKey.hs256(secret: Array("the new secret of a frontend: 32 bytes and more".utf8))
        let policy = TestEngine.policy { $0.renewal = .rotating(grace: .seconds(10)) }
        let before = try KeyRing(current: old, others: [new])
        let after = try KeyRing(current: new, others: [old])
        let world = try TestEngine(policy, refresh: true, jti: jti) { $0.keys = { before } }
        await world.register()
        let tokens = try #require(await world.login().facts.token)
        let next = try TestEngine(policy, refresh: true, jti: jti, store: world.store, clock: world.clock, seed: 2) { $0.keys = { after } }
        world.clock.advance(.seconds(5))
        let first = try #require(await world.perform(.refresh, [.refreshToken: tokens.refresh ?? ""]).facts.token)
        world.clock.advance(.seconds(5))
        let again = try #require(await next.perform(.refresh, [.refreshToken: tokens.refresh ?? ""]).facts.token)
        // Signed by another key, and the same tokens all the same.
        let claims = { (token: String?) in try JWS.verify(token ?? "", keys: after).signingInputDigest }
        #expect(try claims(again.access) == claims(first.access) && claims(again.refresh) == claims(first.refresh))
        #expect(await next.read(again.access).outcome == .found)
        world.clock.advance(.seconds(6))
        #expect(await next.perform(.refresh, [.refreshToken: tokens.refresh ?? ""]).kind == .revokedCredential)
    }
}
