/// Ends the caller's session, or only the presented token, as the policy says; a refresh token of the caller's own takes its session along.
///
/// Of several at once with one token only one has ended it; the others are told that it was over, where the route needs a caller.
package struct Logout {
    package static let signature = OperationSignature(
        .logout, need: .required, slots: [.refreshToken],
        outcomes: [.signedOut: []])

    @Sendable static func run(_ call: Call) async throws -> Ending {
        guard let principal = call.principal, let token = principal.token else { return (.signedOut, call.requestFacts) }
        let refresh = call.text(.refreshToken).flatMap(signingInputDigest)
        let mayBeOver = call.request.need != .required
        try await call.store.write { store in
            guard try end(token, call, in: store) || mayBeOver else { throw Failure(.revokedCredential) }
            // Somebody else's refresh token, or no refresh token at all, ends nothing.
            guard let refresh, let record = try store.token(digest: refresh), record.purpose == .refresh,
                record.account == principal.account.id, let session = record.session
            else { return }
            _ = try store.endSession(session, at: call.now)
        }
        return (.signedOut, call.requestFacts)
    }

    /// Judges the token once more, as it may have ended since the caller was let in; false when it had.
    private static func end(_ shown: TokenRecord, _ call: Call, in store: any StoreWriting) throws -> Bool {
        let token = try store.token(digest: shown.digest) ?? shown
        guard token.endedAt == nil else { return false }
        guard let id = token.session else { return try store.endToken(token, at: call.now) }
        guard let session = try store.session(id: id), session.endedAt == nil else { return false }
        return try call.policy.logoutEnds == .session ? store.endSession(id, at: call.now) : store.endToken(token, at: call.now)
    }

    /// The token need not be valid: only what was issued here is found by its digest.
    private static func signingInputDigest(_ token: String) -> Digest? {
        guard let dot = token.utf8.lastIndex(of: UInt8(ascii: ".")) else { return nil }
        return .sha256(Array(token.utf8[..<dot]))
    }
}
