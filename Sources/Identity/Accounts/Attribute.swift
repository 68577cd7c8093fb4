/// A member of an account that one dialect declares and the engine only keeps.
package struct Attribute: Sendable, Hashable {
    package enum Kind: String, Sendable, Hashable, CaseIterable {
        case string, int, bool, time

        package var factKind: Fact.Kind {
            switch self {
            case .string: .string
            case .int: .int
            case .bool: .bool
            case .time: .time
            }
        }
    }
    package enum Writer: String, Sendable, Hashable, CaseIterable {
        /// Set by clients, at registration or update, where a route takes it.
        case client
        /// Set by operators and imports only.
        case `operator`
    }

    package var name: String
    package var kind: Kind
    package var writer: Writer
    /// What an account shows that was never given one; `.null` makes the attribute nullable.
    package var missing: Value

    package init(name: String, kind: Kind, writer: Writer = .client, missing: Value = .null) {
        self.name = name
        self.kind = kind
        self.writer = writer
        self.missing = missing
    }
}
