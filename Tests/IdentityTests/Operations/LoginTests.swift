import Identity
import Testing
import TestSupport

@Suite struct LoginTests {
    @Test func `the right password signs in, and the token says who`() async throws {
        let world = try TestEngine()
        await world.register()
        let login = await world.login()
        #expect(login.outcome == .signedIn)
        let token = try #require(login.access)
        let read = await world.read(token)
        #expect(read.outcome == .found)
        #expect(read.facts.account?.account.email == TestEngine.email)
        #expect(read.facts.account?.account.signInCount == 1)
    }

    @Test func `a token is dead after logout, and a second logout is refused`() async throws {
        let world = try TestEngine()
        let token = try await world.signedIn()
        #expect(await world.perform(.logout, bearer: token).outcome == .signedOut)
        #expect(await world.read(token).kind == .revokedCredential)
        #expect(await world.perform(.logout, bearer: token).kind == .revokedCredential)
    }

    @Test func `a mailed code confirms the address that waits for it`() async throws {
        let policy = TestEngine.policy {
            $0.confirmation = .code(CodePolicy())
            $0.loginWaitsForConfirmation = true
        }
        let world = try TestEngine(policy)
        await world.register()
        #expect(await world.login().kind == .unconfirmed)
        let code = try #require(try await world.mail(.confirm)?.code)
        #expect(await world.perform(.emailConfirm, [.email: TestEngine.email, .code: code]).outcome == .confirmed)
        #expect(await world.login().outcome == .signedIn)
    }
}
