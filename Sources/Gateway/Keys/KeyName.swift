package import Identity

/// Which key of a frontend's; names its files and its rows.
package struct KeyName: Sendable, Hashable {
    package enum Use: String, Sendable, Hashable {
        /// Signs what clients are given.
        case tokens
        /// Signs what upstreams are told.
        case upstreams
    }

    package let realm: String
    package let frontend: String
    package let use: Use
    package let algorithm: SigningAlgorithm

    package static func tokens(_ frontend: PlannedFrontend) -> KeyName {
        KeyName(
            realm: frontend.configuration.realm, frontend: frontend.configuration.name, use: .tokens, algorithm: frontend.algorithm)
    }

    /// The key of the internal token, whatever the dialect signs with.
    package static func upstreams(_ frontend: PlannedFrontend) -> KeyName {
        KeyName(realm: frontend.configuration.realm, frontend: frontend.configuration.name, use: .upstreams, algorithm: .edDSA)
    }

    /// `NAME.secret`, `NAME.pem` or `NAME.internal.pem`.
    var file: String { "\(stem).\(ending)" }

    /// Of a key that verifies until then.
    func file(until end: Instant) -> String { "\(stem).\(end.seconds).\(ending)" }

    /// Until when the key of a file verifies; nil when it is no older key of this name.
    func end(of file: String) -> Instant? {
        guard file.hasPrefix(stem + "."), file.hasSuffix("." + ending), file.utf8.count > stem.utf8.count + ending.utf8.count + 2 else {
            return nil
        }
        return Int64(file.dropFirst(stem.count + 1).dropLast(ending.count + 1)).map { Instant(seconds: $0) }
    }

    // A frontend's name has no dot.
    private var stem: String { use == .tokens ? frontend : "\(frontend).internal" }

    private var ending: String { algorithm == .hs256 ? "secret" : "pem" }
}
