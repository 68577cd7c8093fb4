/// A reason why a mail was not sent.
///
/// The texts are ours, or libcurl's own constant words: no address, subject, body, code, link or password is ever in them,
/// so they may be logged and kept.
package enum MailFault: Error, Sendable, Hashable {
    /// The server answered "not now" to this mail (4xx), or broke off while it was under way: try this one again later, others may go on.
    case temporary(String)
    /// Nothing was learnt about this mail: no connection, no trust, no login, a server that never got as far as the mail. Try again later.
    case unreachable(String)
    /// The server refused this mail for good (5xx): never try it again.
    case permanent(String)
    /// The message or the configuration cannot be used as it is: a field is named, its value is not shown.
    case invalid(String)
}

extension MailFault {
    /// The words alone.
    package var reason: String {
        switch self {
        case .temporary(let words), .unreachable(let words), .permanent(let words), .invalid(let words): words
        }
    }
}

extension MailFault: CustomStringConvertible {
    package var description: String { reason }
}
