import Identity
import TestSupport
import Testing

/// What the suites of operations share: people who register and sign in.
extension TestEngine {
    static let email = "ana@example.com"
    static let password = "a long enough password"

    @discardableResult
    func register(_ email: String = Self.email, password: String = Self.password) async -> OperationResult {
        await perform(.register, [.email: email, .password: password])
    }

    func login(_ email: String = Self.email, password: String = Self.password) async -> OperationResult {
        await perform(.login, [.email: email, .password: password])
    }

    /// Registers and signs in; the access token.
    func signedIn(_ email: String = Self.email) async throws -> String {
        await register(email)
        return try #require(await login(email).access)
    }

    func read(_ token: String) async -> OperationResult { await perform(.accountRead, bearer: token) }
}

/// What is there, within an expectation; `#require` cannot stand inside another macro.
func some<Wrapped>(_ value: Wrapped?, sourceLocation: SourceLocation = #_sourceLocation) throws -> Wrapped {
    try #require(value, sourceLocation: sourceLocation)
}
