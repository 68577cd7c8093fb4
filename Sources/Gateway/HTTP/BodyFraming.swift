/// How the end of a body is known (RFC 9112 section 6.3).
enum BodyFraming: Sendable, Hashable {
    case none
    /// That many bytes.
    case length(Int)
    case chunked
    /// To the end of the connection; answers alone may be so.
    case untilClose

    /// Whether so few bytes are known to come.
    func isLength(upTo limit: Int) -> Bool { if case .length(let length) = self { length <= limit } else { false } }
}
