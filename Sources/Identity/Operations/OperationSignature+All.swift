extension OperationSignature {
    /// Every operation's signature, by its name in YAML.
    package static let all: [OperationName: OperationSignature] = Dictionary(
        uniqueKeysWithValues: [
            Register.signature,
            Login.signature,
            LoginCode.signature,
            EmailConfirm.signature,
            EmailResend.signature,
            Refresh.signature,
            Reissue.signature,
            Logout.signature,
            PasswordForgot.signature,
            PasswordResetPage.signature,
            PasswordReset.signature,
            PasswordChange.signature,
            AccountRead.signature,
            AccountUpdate.signature,
            AccountDelete.signature,
            AccountCreate.signature,
            AccountStats.signature,
            APIKeyRead.signature,
            APIKeyRotate.signature,
            Static.signature,
        ].map { ($0.name, $0) })
}
