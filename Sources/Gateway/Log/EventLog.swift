import Identity
import Logging

/// Puts what the engine reports into the log: who (the account's id), what, at which frontend.
///
/// Security events (ASVS 16.3) are notices.
struct EventLog: Sendable {
    let log: Logger

    func report(_ event: IdentityEvent) {
        switch event {
        case .fault(let operation, let error):
            write(.error, "an operation failed", ["operation": "\(operation?.rawValue ?? "-")", "error": "\(Self.words(for: error))"])
        case .storeUnavailable(let reason): write(.error, "the store does not answer", ["reason": "\(reason)"])
        case .hashQueueFull: write(.warning, "more logins than can be hashed")
        case .signedIn(let account): write(.notice, "signed in", account)
        case .signInFailed(let account, let kind): write(.notice, "sign-in failed", account, ["reason": "\(kind.rawValue)"])
        case .locked: write(.warning, "a guess was refused: there were too many")
        case .refreshTokenReused(let account): write(.warning, "a used refresh token was shown again; its session has ended", account)
        case .brokenHash(let account): write(.error, "a stored password is no hash", account)
        case .commonPassword: write(.notice, "a common password was taken")
        case .passwordChanged(let account): write(.notice, "password changed", account)
        case .emailChanged(let account): write(.notice, "e-mail changed", account)
        case .accountDeleted(let account): write(.notice, "account deleted", account)
        case .apiKeyRotated(let account): write(.notice, "API key replaced", account)
        }
    }

    private func write(_ level: Logger.Level, _ event: Logger.Message, _ account: AccountID?, _ more: Logger.Metadata = [:]) {
        write(level, event, more.merging(["account": "\(account.map(\.description) ?? "-")"]) { first, _ in first })
    }

    private func write(_ level: Logger.Level, _ event: Logger.Message, _ metadata: Logger.Metadata = [:]) {
        log.log(level: level, event, metadata: metadata)
    }

    /// Store errors are ours and hold no values; of any other error only its type is told.
    private static func words(for error: any Error) -> String {
        error is StoreError ? "\(error)" : "\(type(of: error))"
    }
}
