import Identity
import Logging

/// Puts what the engine reports into the log: who (the account's id), what, from where, at which frontend.
///
/// `Events.md` lists them all.
struct EventLog: Sendable {
    let log: Logger

    /// `address` is the client's, nil when no client asked.
    func report(_ event: IdentityEvent, from address: String?) {
        var metadata: Logger.Metadata = [:]
        if let account = event.account { metadata["account"] = "\(account)" }
        if let address { metadata["client"] = "\(address)" }
        switch event {
        case .fault(let operation, let error):
            metadata["operation"] = "\(operation?.rawValue ?? "-")"
            metadata["error"] = "\(Self.words(for: error))"
        case .storeUnavailable(let reason): metadata["reason"] = "\(reason)"
        case .signInFailed(_, let kind): metadata["reason"] = "\(kind.rawValue)"
        case .mailNotWritten(_, let kind): metadata["mail"] = "\(kind.rawValue)"
        default: break
        }
        log.log(level: Self.level(of: event.kind), "\(Self.words(for: event.kind))", metadata: metadata)
    }

    static func words(for kind: IdentityEvent.Kind) -> String {
        switch kind {
        case .signedIn: "signed in"
        case .signInFailed: "sign-in failed"
        case .locked: "a guess was refused: there were too many"
        case .forbidden: "forbidden"
        case .refreshTokenReused: "a used refresh token was shown again; its session has ended"
        case .registered: "registered"
        case .passwordChanged: "password changed"
        case .emailChanged: "e-mail changed"
        case .apiKeyRotated: "API key replaced"
        case .accountDeleted: "account deleted"
        case .accountCreated: "account created"
        case .roleChanged: "role changed"
        case .accountSuspended: "account suspended"
        case .accountResumed: "account active again"
        case .commonPassword: "a common password was taken"
        case .brokenHash: "a stored password is no hash"
        case .mailNotWritten: "no mail can go to the account's address"
        case .hashQueueFull: "more logins than can be hashed"
        case .storeUnavailable: "the store does not answer"
        case .fault: "an operation failed"
        }
    }

    /// Security events (ASVS 16.3) are notices at least.
    static func level(of kind: IdentityEvent.Kind) -> Logger.Level {
        switch kind {
        case .fault, .storeUnavailable, .brokenHash: .error
        case .hashQueueFull, .locked, .refreshTokenReused, .mailNotWritten: .warning
        case .signedIn, .signInFailed, .forbidden, .registered, .passwordChanged, .emailChanged, .apiKeyRotated, .accountDeleted,
            .accountCreated, .roleChanged, .accountSuspended, .accountResumed, .commonPassword:
            .notice
        }
    }

    /// Store errors are ours and hold no values; of any other error only its type is told.
    private static func words(for error: any Error) -> String {
        error is StoreError ? "\(error)" : "\(type(of: error))"
    }
}
