package import Identity

/// Why a request is refused before any dialect sees it.
package enum EdgeFault: Error, Sendable, Hashable {
    /// The message breaks the rules of HTTP/1.1, or could be read in two ways.
    case malformed
    /// A method that no API has, or one that is never served (TRACE).
    case method
    /// An `Expect` other than `100-continue`.
    case expectation
    /// The body is longer than the dialect takes.
    case tooLarge
    /// All connections together hold as much as they may.
    case busy

    /// What the dialect words.
    package var kind: FailureKind {
        switch self {
        case .malformed, .expectation: .malformed
        case .method: .methodNotAllowed
        case .tooLarge: .tooLarge
        case .busy: .unavailable
        }
    }

    /// The status that HTTP itself prescribes, whatever the dialect's words are; nil leaves the dialect's.
    package var status: Int? { self == .expectation ? 417 : nil }

    /// The status when there is no dialect to ask.
    package var plainStatus: Int {
        switch self {
        case .malformed: 400
        case .method: 405
        case .expectation: 417
        case .tooLarge: 413
        case .busy: 503
        }
    }
}
