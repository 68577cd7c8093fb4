package import Identity

/// What a request is, seen through a dialect.
package enum Recognition: Sendable {
    /// For the engine; its result is answered by `DialectInterpreter.render(_:of:request:asked:)`.
    case operation(Route, OperationRequest)
    /// For an upstream, once its guard lets it pass.
    case guarded(GuardedRequest)
    /// Nothing for the engine: languages that are not spoken, `HEAD` where it would do something.
    case respond(WireResponse)
    /// Nothing for anyone: unknown paths and methods.
    case refuse(FailureKind, WireResponse)
    /// A browser's question before a request of another origin; counted by no limit.
    case preflight(WireResponse)
}

/// A request to a path of an upstream, its guard not yet judged.
package struct GuardedRequest: Sendable {
    package var gate: Guard
    package var credential: Credential
    /// The credential is a key of the upstream's own, and this guard lets such keys pass unjudged.
    package var passesUnjudged: Bool
    package var language: String
}
