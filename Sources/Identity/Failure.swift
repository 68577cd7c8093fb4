/// Why an operation, or the way to one, was refused: a closed tree.
///
/// A dialect words some kinds; a kind it does not word is answered by its nearest worded ancestor. `failure` is the root.
/// To add one: a case, its parent and its facts here; `dragoman check` then names each dialect that must word it.
package enum FailureKind: String, Sendable, Hashable, CaseIterable {
    case failure

    case malformed
    case unsupportedMedia = "unsupported-media"
    case tooLarge = "too-large"

    case invalid
    case missing
    case duplicate

    case unauthenticated
    case noCredential = "no-credential"
    case badCredential = "bad-credential"
    case wrongSegments = "wrong-segments"
    case badEncoding = "bad-encoding"
    case unknownAlgorithm = "unknown-algorithm"
    case wrongAlgorithm = "wrong-algorithm"
    case badSignature = "bad-signature"
    case missingClaim = "missing-claim"
    case wrongType = "wrong-type"
    case foreign
    case wrongKind = "wrong-kind"
    case badKey = "bad-key"
    case expiredCredential = "expired-credential"
    case revokedCredential = "revoked-credential"
    case accountGone = "account-gone"
    case accountSuspended = "account-suspended"

    case refused
    case unknownAccount = "unknown-account"
    case wrongPassword = "wrong-password"
    case unconfirmed
    case suspended
    case locked

    case badCode = "bad-code"
    case noCode = "no-code"
    case wrongCode = "wrong-code"
    case expiredCode = "expired-code"

    case badLink = "bad-link"
    case noLink = "no-link"
    case unknownLink = "unknown-link"
    case expiredLink = "expired-link"
    case usedLink = "used-link"

    case alreadyConfirmed = "already-confirmed"
    case forbidden
    case notFound = "not-found"
    case methodNotAllowed = "method-not-allowed"

    case rateLimited = "rate-limited"
    case tooSoon = "too-soon"
    case usageExhausted = "usage-exhausted"

    case upstream
    case unreachable
    case timeout

    case `internal`
    case unavailable

    /// The kind whose answer stands in when this one has none; nil for the root.
    package var parent: FailureKind? {
        switch self {
        case .failure: nil
        case .unsupportedMedia, .tooLarge: .malformed
        case .missing, .duplicate: .invalid
        case .noCredential, .badCredential, .expiredCredential, .revokedCredential, .accountGone: .unauthenticated
        case .wrongSegments, .badEncoding, .unknownAlgorithm, .wrongAlgorithm, .badSignature, .missingClaim, .wrongType, .foreign,
            .wrongKind, .badKey:
            .badCredential
        case .accountSuspended: .accountGone
        case .unknownAccount, .wrongPassword, .unconfirmed, .suspended, .locked: .refused
        case .noCode, .wrongCode, .expiredCode: .badCode
        case .noLink, .unknownLink, .expiredLink, .usedLink: .badLink
        case .tooSoon: .rateLimited
        case .unreachable, .timeout: .upstream
        case .unavailable: .internal
        case .malformed, .invalid, .unauthenticated, .refused, .badCode, .badLink, .alreadyConfirmed, .forbidden, .notFound,
            .methodNotAllowed, .rateLimited, .usageExhausted, .upstream, .internal:
            .failure
        }
    }

    /// From the root down to this kind, this kind last.
    package var lineage: [FailureKind] {
        (parent?.lineage ?? []) + [self]
    }

    /// The groups of facts that come with this kind beside `request` and `http`, its ancestors' included.
    package var facts: Set<FactGroup> {
        var groups = parent?.facts ?? []
        switch self {
        case .invalid: groups.insert(.errors)
        case .rateLimited, .locked, .unavailable: groups.insert(.retry)
        case .methodNotAllowed: groups.insert(.allowed)
        case .usageExhausted: groups.insert(.usage)
        default: break
        }
        return groups
    }
}

/// A refusal with what is known about it.
package struct Failure: Error, Sendable, Hashable {
    package var kind: FailureKind
    /// The fields' faults in rule order; only for `invalid` and below.
    package var problems: [FieldProblem]
    /// How long the caller had better wait, for `Retry-After`.
    package var retryAfter: Duration?
    /// The methods that the path knows, for `Allow`.
    package var allowed: [String]
    package var usage: UsageFacts?

    package init(
        _ kind: FailureKind, problems: [FieldProblem] = [], retryAfter: Duration? = nil, allowed: [String] = [], usage: UsageFacts? = nil
    ) {
        self.kind = kind
        self.problems = problems
        self.retryAfter = retryAfter
        self.allowed = allowed
        self.usage = usage
    }
}
