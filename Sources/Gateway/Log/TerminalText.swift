/// What comes from outside, such as a name that somebody chose, so that it neither steers a terminal nor passes for a line of its own.
enum TerminalText {
    /// Whether it is a control character (C1 included), ends a line, or turns the direction of what is shown.
    static func steers(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0..<0x20, 0x7F..<0xA0, 0x2028, 0x2029, 0x202A...0x202E, 0x2066...0x2069: true
        default: false
        }
    }

    /// The text with `\u{…}` for whatever steers, but for the scalars of `sparing`.
    static func escaped(_ text: String, sparing: String = "") -> String {
        replacing(text, sparing: sparing) { "\\u{\(String($0.value, radix: 16))}" }
    }

    /// A JSON document that means the same and shows as it is.
    static func escaped(json document: String) -> String {
        // Such can only stand within a string, and none needs a pair of surrogates.
        replacing(document, sparing: "") { scalar in
            let digits = String(scalar.value, radix: 16)
            return "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
        }
    }

    private static func replacing(_ text: String, sparing: String, by escape: (Unicode.Scalar) -> String) -> String {
        let isToGo = { (scalar: Unicode.Scalar) in steers(scalar) && !sparing.unicodeScalars.contains(scalar) }
        guard text.unicodeScalars.contains(where: isToGo) else { return text }
        var escaped = ""
        for scalar in text.unicodeScalars {
            if isToGo(scalar) { escaped += escape(scalar) } else { escaped.unicodeScalars.append(scalar) }
        }
        return escaped
    }
}
