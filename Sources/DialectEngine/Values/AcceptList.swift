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

    /// Whether the type may be sent; an empty list allows all.
    package func allows(_ type: String) -> Bool { ranges.isEmpty || weight(of: type) > .none }

    /// The type that the client likes best; equal ones in the order in which they are offered, nil when none may be sent.
    package func best(of offered: [String]) -> String? {
        guard !ranges.isEmpty else { return offered.first }
        var best: (type: String, weight: Weight)?
        for type in offered where weight(of: type) > best?.weight ?? .none { best = (type, weight(of: type)) }
        return best?.type
    }

    /// The weight that the most specific range gives: the type's own name before `type/*` before `*/*`.
    private func weight(of type: String) -> Weight {
        let family = "\(type.prefix { $0 != "/" })/*"
        for name in [type, family, "*/*"] {
            if let weight = ranges.filter({ $0.name == name }).map(\.weight).max() { return weight }
        }
        return .none
    }

    private static func range(_ scanner: inout FieldScanner) -> Range? {
        guard let name = scanner.typeName(), let parameters = scanner.parameters() else { return nil }
        guard let written = parameters.first(where: { $0.name == "q" }) else { return Range(name: name, weight: .full) }
        return Weight(written.value).map { Range(name: name, weight: $0) }
    }
}
