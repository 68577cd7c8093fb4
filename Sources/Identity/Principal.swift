/// Who a caller turned out to be, by the stored account and not by what a token claims.
package final class Principal: Sendable {
    package let account: Account
    package let kind: CredentialKind
    /// The shown token; nil for an API key.
    ///
    /// Its `session` is nil when the token was not issued here.
    package let token: TokenRecord?

    package init(account: Account, kind: CredentialKind, token: TokenRecord? = nil) {
        self.account = account
        self.kind = kind
        self.token = token
    }

    package var session: SessionID? { token?.session }
}
