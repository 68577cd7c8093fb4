package import Identity

/// Values by key, as the schema wants them. What is of another type reads as absent: `SchemaCheck` has told it already.
extension YAMLNode {
    package static func empty(at place: Place) -> YAMLNode { YAMLNode(.map([]), at: place) }

    package func string(_ key: String) -> String? {
        guard let node = self[key], !node.isNull else { return nil }
        return node.text
    }

    package func int(_ key: String) -> Int? { string(key).flatMap(Scalars.int) }
    package func bool(_ key: String, _ standard: Bool) -> Bool { string(key).flatMap(Scalars.bool) ?? standard }
    package func duration(_ key: String) -> Duration? { string(key).flatMap(Scalars.duration) }

    package func choice<Choice: RawRepresentable>(_ key: String, _ standard: Choice) -> Choice where Choice.RawValue == String {
        string(key).flatMap(Choice.init(rawValue:)) ?? standard
    }

    package func choices<Choice: RawRepresentable>(_ key: String) -> [Choice]? where Choice.RawValue == String {
        self[key]?.items?.compactMap { $0.text.flatMap(Choice.init(rawValue:)) }
    }

    /// The texts of a list, with their places.
    package func words(_ key: String) -> [YAMLNode] { self[key]?.items?.filter { $0.text != nil } ?? [] }

    package func strings(_ key: String) -> [String]? { self[key]?.items?.compactMap(\.text) }

    package func map(_ key: String) -> YAMLNode {
        guard let node = self[key], node.entries != nil else { return .empty(at: self[key]?.place ?? place) }
        return node
    }

    /// A scalar as a value: `true`, `5`, `null`, a text.
    package var literal: Value? {
        guard case .scalar(let text, let isQuoted) = content else { return nil }
        return Scalars.literal(text, isQuoted: isQuoted)
    }
}
