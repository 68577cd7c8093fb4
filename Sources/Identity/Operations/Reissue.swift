/// Gives a new access token for the current one, in the same session.
package struct Reissue {
    package static let signature = OperationSignature(
        .reissue, need: .required, slots: [],
        outcomes: [.reissued: [.account, .token]])
}
