/// Why an upstream gave no answer, or no whole one.
enum UpstreamFault: String, Error, Sendable, Hashable, CaseIterable {
    /// No address took the connection: 502.
    case unreachable
    /// It took too long to be reached, to answer, or to go on: 504.
    case timeout
    /// It closed without an answer, or what it said is no sound HTTP: 502.
    case broken
    /// As many connections as it may have are busy: 502, or 503 where a dialect can say so. Nothing was sent.
    case full
}
