/// The ranges of an `Accept-Language` field (RFC 9110, section 12.5.4), most wanted first, equal ones as written.
///
/// Elements that cannot be read are passed over; any length is read in linear time but for the sorting.
package struct LanguageRanges: Sendable, Hashable {
    /// In lower case; `*` stands for all others.
    private var wanted: [String] = []
    private var excluded: [String] = []

    /// Reads the field's value; nil when nothing in it can be read.
    package init?(_ text: String) {
        var ranges: [(name: String, weight: Weight, position: Int)] = []
        var scanner = FieldScanner(text)
        while true {
            scanner.skipSpace()
            if scanner.isAtEnd { break }
            if scanner.take(",") { continue }
            guard let (name, weight) = Self.range(&scanner), scanner.endElement() else {
                scanner.skipElement()
                continue
            }
            ranges.append((name, weight, ranges.count))
        }
        guard !ranges.isEmpty else { return nil }
        ranges.sort { ($1.weight, $0.position) < ($0.weight, $1.position) }
        wanted = ranges.filter { $0.weight > .none }.map(\.name)
        excluded = ranges.filter { $0.weight == .none }.map(\.name)
    }

    /// The supported language that answers the ranges best; nil when none does.
    ///
    /// A range finds the longest supported tag that it begins with (RFC 4647, section 3.4), else one that shares its primary subtag; `*` finds the
    /// standard language, or the first other one that is not excluded.
    package func lookup(in supported: [String], standard: String) -> String? {
        let allowed = supported.filter { tag in !excluded.contains { Self.range($0, covers: tag.lowercased()) } }
        guard !allowed.isEmpty else { return nil }
        let tags = allowed.map { $0.lowercased() }
        let byLength = tags.indices.sorted { (tags[$1].utf8.count, $0) < (tags[$0].utf8.count, $1) }
        for range in wanted {
            if range == "*" { return allowed.contains(standard) ? standard : allowed[0] }
            if let index = byLength.first(where: { Self.range(tags[$0], covers: range) }) { return allowed[index] }
            if let index = tags.firstIndex(where: { Self.primary($0) == Self.primary(range) }) { return allowed[index] }
        }
        return nil
    }

    /// Whether the tag is the range or begins with it and a hyphen (RFC 4647, section 3.3.1).
    private static func range(_ range: String, covers tag: String) -> Bool {
        let (range, tag) = (range.utf8, tag.utf8)
        return tag.starts(with: range) && (tag.count == range.count || tag.dropFirst(range.count).first == UInt8(ascii: "-"))
    }

    private static func primary(_ tag: String) -> Substring { tag.prefix { $0 != "-" } }

    private static func range(_ scanner: inout FieldScanner) -> (String, Weight)? {
        guard let name = scanner.token()?.lowercased(), name == "*" || isLanguageRange(name) else { return nil }
        guard let parameters = scanner.parameters(), parameters.allSatisfy({ $0.name == "q" }) else { return nil }
        guard let written = parameters.first else { return (name, .full) }
        return Weight(written.value).map { (name, $0) }
    }

    /// Whether the subtags are of one to eight letters, digits too from the second on (RFC 4647, section 2.1).
    private static func isLanguageRange(_ name: String) -> Bool {
        var length = 0
        var isFirst = true
        for byte in name.utf8 {
            switch byte {
            case UInt8(ascii: "-"):
                guard length > 0 else { return false }
                length = 0
                isFirst = false
                continue
            case UInt8(ascii: "a")...UInt8(ascii: "z"): break
            case UInt8(ascii: "0")...UInt8(ascii: "9"): if isFirst { return false }
            default: return false
            }
            length += 1
            guard length <= 8 else { return false }
        }
        return length > 0
    }
}
