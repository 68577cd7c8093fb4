/// Why the claims of a believed token do not hold.
package enum ClaimFault: Error, Sendable, Hashable {
    case missing(String)
    case wrongType(String)
    /// `nbf` or `iat` lies in the future.
    case notYetValid
    /// `exp` lies farther ahead than a token of this kind lives.
    case tooFarAhead
    /// `exp` has passed; all else holds.
    case expired
}
