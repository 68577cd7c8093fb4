/// The `Cookie` field (RFC 6265, section 4.2).
enum CookieField {
    /// All pairs in the order sent; quotes around a value are taken off.
    static func pairs(in fields: [String]) -> [(name: String, value: String)] {
        fields.flatMap { field in
            field.split(separator: ";").compactMap { pair in
                guard let equals = pair.firstIndex(of: "=") else { return nil }
                let name = trimmed(pair[..<equals])
                var value = trimmed(pair[pair.index(after: equals)...])
                if value.utf8.count >= 2, value.hasPrefix("\""), value.hasSuffix("\"") { value = value.dropFirst().dropLast() }
                return name.isEmpty ? nil : (String(name), String(value))
            }
        }
    }

    private static func trimmed(_ text: Substring) -> Substring {
        var text = text
        while text.first == " " || text.first == "\t" { text.removeFirst() }
        while text.last == " " || text.last == "\t" { text.removeLast() }
        return text
    }
}
