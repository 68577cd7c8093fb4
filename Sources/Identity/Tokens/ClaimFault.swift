/// Why the claims of a believed token do not hold.
package enum ClaimFault: Error, Sendable, Hashable {
    case missing(String)
    case wrongType(String)
    /// `nbf` or `iat` lies in the future.
    case notYetValid
}
