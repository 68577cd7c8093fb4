/// A YAML tree as it was written, each part with its place.
///
/// Scalars are texts until a schema says what they are.
package struct YAMLNode: Sendable {
    package enum Content: Sendable {
        case scalar(String, isQuoted: Bool)
        case map([Entry])
        case list([YAMLNode])
    }

    package struct Entry: Sendable {
        package var key: String
        package var keyPlace: Place
        package var value: YAMLNode

        package init(key: String, keyPlace: Place, value: YAMLNode) {
            self.key = key
            self.keyPlace = keyPlace
            self.value = value
        }
    }

    package var place: Place
    package var content: Content
    /// The setting whose chosen value this is.
    package var setting: String?

    package init(_ content: Content, at place: Place) {
        self.content = content
        self.place = place
    }

    package var text: String? {
        guard case .scalar(let text, _) = content else { return nil }
        return text
    }

    package var entries: [Entry]? {
        guard case .map(let entries) = content else { return nil }
        return entries
    }

    package var items: [YAMLNode]? {
        guard case .list(let items) = content else { return nil }
        return items
    }

    package subscript(key: String) -> YAMLNode? {
        entries?.first { $0.key == key }?.value
    }

    /// Nothing was written, or `null` or `~`.
    package var isNull: Bool {
        guard case .scalar(let text, false) = content else { return false }
        return text.isEmpty || text == "null" || text == "~"
    }

    /// `a text`, `a list`, `a map`, for messages.
    package var kind: String {
        switch content {
        case .scalar: isNull ? "nothing" : "`\(text ?? "")`"
        case .map: "a map"
        case .list: "a list"
        }
    }
}
