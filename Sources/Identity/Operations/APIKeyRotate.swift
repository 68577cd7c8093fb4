/// Gives the caller a new API key; the old one is dead at once.
package struct APIKeyRotate {
    package static let signature = OperationSignature(
        .apiKeyRotate, need: .required, slots: [],
        outcomes: [.rotated: [.account, .apiKey]])
}
