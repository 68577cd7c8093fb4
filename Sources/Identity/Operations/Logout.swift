/// Ends the caller's session, or only the presented token, as the policy says; a refresh token of the caller's own takes its session along.
package struct Logout {
    package static let signature = OperationSignature(
        .logout, need: .required, slots: [.refreshToken],
        outcomes: [.signedOut: []])

    @Sendable static func run(_ call: Call) async throws -> Ending {
        guard let principal = call.principal, let token = principal.token else { return (.signedOut, call.requestFacts) }
        let refresh = call.text(.refreshToken).flatMap(signingInputDigest)
        try await call.store.write { store in
            if call.policy.logoutEnds == .session, let session = token.session {
                _ = try store.endSession(session, at: call.now)
            } else {
                _ = try store.endToken(token, at: call.now)
            }
            // Somebody else's refresh token, or no refresh token at all, ends nothing.
            guard let refresh, let record = try store.token(digest: refresh), record.purpose == .refresh,
                record.account == principal.account.id, let session = record.session
            else { return }
            _ = try store.endSession(session, at: call.now)
        }
        return (.signedOut, call.requestFacts)
    }

    /// The token need not be valid: only what was issued here is found by its digest.
    private static func signingInputDigest(_ token: String) -> Digest? {
        guard let dot = token.utf8.lastIndex(of: UInt8(ascii: ".")) else { return nil }
        return .sha256(Array(token.utf8[..<dot]))
    }
}
