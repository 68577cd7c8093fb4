/// Where a request was when it failed: whose words answer.
package enum AnswerPlace: Sendable {
    case route(Route)
    case gate(Guard)
    /// Before its route was known.
    case unrouted
}
