/// Gives a new access token for a refresh token.
package struct Refresh {
    package static let signature = OperationSignature(
        .refresh, need: .none, slots: [.refreshToken],
        outcomes: [.refreshed: [.account, .token]],
        failures: [
            .unauthenticated, .noCredential, .badCredential, .wrongSegments, .badEncoding, .unknownAlgorithm, .wrongAlgorithm,
            .badSignature, .missingClaim, .wrongType, .foreign, .expiredCredential, .revokedCredential, .accountGone, .accountSuspended,
        ])
}
