package import DialectEngine
package import Identity

/// A configuration whose dialects have been loaded: all that can be known before anything is opened.
package struct Plan: Sendable {
    package var configuration: Configuration
    /// In the order of the configuration.
    package var frontends: [PlannedFrontend]

    package func frontend(_ name: String) -> PlannedFrontend? { frontends.first { $0.configuration.name == name } }

    /// The addresses of frontends, in the order of the configuration, each once.
    package var addresses: [ListenAddress] {
        var addresses: [ListenAddress] = []
        for frontend in frontends where !addresses.contains(frontend.configuration.listen) {
            addresses.append(frontend.configuration.listen)
        }
        return addresses
    }
}

package struct PlannedFrontend: Sendable {
    package var configuration: FrontendConfiguration
    package var dialect: Dialect
    package var algorithm: SigningAlgorithm

    /// Whether any upstream is told by a token who is calling.
    package var sendsInternalTokens: Bool { configuration.upstreams.values.contains(where: \.hasInternalToken) }
}
