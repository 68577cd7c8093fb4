package import DialectEngine
package import Identity

/// One entry of `frontends:`: a dialect, where it listens, its realm and its keys.
package struct FrontendConfiguration: Sendable {
    package var name: String
    package var place: Place
    package var dialect: String
    package var dialectPlace: Place
    package var listen: ListenAddress
    /// In lower case; nil serves every host.
    package var host: String?
    /// `/shop`, or empty; taken away before the dialect sees a path.
    package var prefix: String
    package var realm: String
    package var keys: Keys
    /// The public base URL, without a slash at its end.
    package var publicURL: String
    /// Where the links in mails point, without a slash at its end.
    package var links: String
    /// The sender of its mails.
    package var from: String
    package var cors: CORS?
    /// By the names that the dialect's guards use.
    package var upstreams: [String: UpstreamSettings]
    package var settings: [String: ChosenSetting]
    package var seed: [Seed]

    package struct Keys: Sendable {
        /// An HS256 secret, or an RSA private key as PEM; nil: generated once under the state folder.
        package var access: SecretText?
        /// The size of an RSA key that is generated.
        package var rsaBits: Int
        package var place: Place
        /// Sign no more, and verify for as long as they stand there.
        package var older: [Older] = []
        /// Where `access` comes from, as it is written: `env:NAME` or `file:PATH`; nil for a secret that stands in the file itself.
        package var source: String?

        package struct Older: Sendable {
            package var text: SecretText
            package var place: Place
        }
    }

    package struct CORS: Sendable, Hashable {
        package var origins: [String]
        package var credentials: Bool?
    }

    /// An account that an empty realm begins with.
    package struct Seed: Sendable {
        package var place: Place
        /// Slots of registration and the dialect's attributes, the password excepted.
        package var slots: [String: Value]
        package var password: SecretText?
        package var passwordPlace: Place
        package var confirmed: Bool
    }
}
