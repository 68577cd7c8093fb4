package import DialectEngine

/// What `config.yaml` says, read and judged: deployment and secrets; policy and wording stand in dialects.
package struct Configuration: Sendable {
    package enum Profile: String, Sendable, Hashable, CaseIterable {
        /// For one's own machine: mails may stay in a folder, published passwords may be seeded.
        case development
        /// Refuses what would be unsafe where strangers come.
        case production
    }

    /// The file it was read from.
    package var file: String
    /// The file's lines, to be shown under what is said of them, secrets masked.
    package var lines: [String]
    package var profile: Profile
    /// The folder of the store, generated keys and the mailbox.
    package var state: String
    /// The folder in which dialects stand.
    package var dialects: String
    package var store: Store
    package var management: ListenAddress
    package var mail: Mail
    /// In the order of the file.
    package var frontends: [FrontendConfiguration]
    package var trustedProxies: [AddressRange]
    /// Seals the keys that lie in the store.
    package var storeKey: SecretText?
    /// Whether generated keys lie in the store, for all instances that share it, and not in files of one machine.
    package var keysAreInStore: Bool

    package enum Store: Sendable, Hashable {
        /// `dragoman.sqlite` in the state folder.
        case sqlite
        /// A database that several instances may share, by its connection string.
        case postgres(SecretText)

        /// Whether instances on several machines may have it in common.
        package var isShared: Bool {
            switch self {
            case .sqlite: false
            case .postgres: true
            }
        }
    }

    package struct Mail: Sendable {
        package enum Transport: Sendable, Hashable {
            /// Files in the state folder.
            case mailbox
            case smtp(url: String, password: SecretText?)
        }
        package var transport: Transport
        package var transportPlace: Place
        package var from: String
    }

    /// The path of the SQLite file.
    package var storePath: String { state + "/dragoman.sqlite" }
    /// The folder of generated keys, where they do not lie in the store.
    package var keysFolder: String { state + "/keys" }
    /// The folder of the mailbox.
    package var mailboxFolder: String { state + "/mailbox" }

    package func frontend(_ name: String) -> FrontendConfiguration? { frontends.first { $0.name == name } }
}
