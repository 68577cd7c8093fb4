/// What became of a request that was to be forwarded.
package enum ForwardingEnd: Sendable {
    /// Nothing of it has gone to an upstream.
    case unsent
    /// It was sent, and no answer tells what it has done: the client hung up, or the upstream was too slow or broke off.
    case unknown
    case answered(Int)

    /// Whether the upstream has worked for it, as far as anyone can tell: a client that does not wait for the answer has used it all the same.
    var isUse: Bool {
        switch self {
        case .unsent: false
        case .unknown: true
        case .answered(let status): status == 101 || (200...299).contains(status)
        }
    }
}
