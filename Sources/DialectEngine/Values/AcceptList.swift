/// The media ranges of an `Accept` field (RFC 9110, section 12.5.1); several field lines are joined by commas first.
///
/// Elements that cannot be read are passed over. Types are asked for in lower case and without parameters; the parameters of a range are not compared.
package struct AcceptList: Sendable, Hashable {
    private struct Range: Sendable, Hashable {
        var name: String
        var weight: Weight
    }

    private var ranges: [Range] = []
    private var isReadable = true

    package init(_ text: String) {
        var scanner = FieldScanner(text)
        while true {
            scanner.skipSpace()
            if scanner.isAtEnd { return }
            if scanner.take(",") { continue }
            guard let range = Self.range(&scanner), scanner.endElement() else {
                isReadable = false
                scanner.skipElement()
                continue
            }
            ranges.append(range)
        }
    }

    /// Whether some range names the type itself, not by a wildcard and not to refuse it.
    package func names(_ type: String) -> Bool { ranges.contains { $0.name == type && $0.weight > .none } }

    /// Whether the list is not empty and every range names this type.
    package func only(_ type: String) -> Bool {
        isReadable && !ranges.isEmpty && ranges.allSatisfy { $0.name == type && $0.weight > .none }
    }

    private static func range(_ scanner: inout FieldScanner) -> Range? {
        guard let name = scanner.typeName(), let parameters = scanner.parameters() else { return nil }
        guard let written = parameters.first(where: { $0.name == "q" }) else { return Range(name: name, weight: .full) }
        return Weight(written.value).map { Range(name: name, weight: $0) }
    }
}
