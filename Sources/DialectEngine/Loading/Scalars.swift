import Identity

/// The forms of scalars: `10m`, `1MiB`, `6...128`, and what a plain word in a body means.
package enum Scalars {
    /// Decimal digits with an optional minus.
    package static func int(_ text: String) -> Int? {
        guard let first = text.utf8.first, first != UInt8(ascii: "+") else { return nil }
        return Int(text)
    }

    package static func bool(_ text: String) -> Bool? {
        switch text {
        case "true": true
        case "false": false
        default: nil
        }
    }

    /// `30s`, `10m`, `24h`, `3d`.
    package static func duration(_ text: String) -> Duration? {
        guard let unit = text.last, let count = int(String(text.dropLast())), count >= 0, count <= 1_000_000_000 else { return nil }
        switch unit {
        case "s": return .seconds(count)
        case "m": return .seconds(count * 60)
        case "h": return .seconds(count * 3600)
        case "d": return .seconds(count * 86_400)
        default: return nil
        }
    }

    /// `512`, `64KiB`, `1MiB`.
    package static func bytes(_ text: String) -> Int? {
        for (ending, factor) in [("KiB", 1024), ("MiB", 1024 * 1024)] where text.hasSuffix(ending) {
            guard let count = int(String(text.dropLast(ending.count))), count >= 0, count <= 1_000_000 else { return nil }
            return count * factor
        }
        guard let count = int(text), count >= 0 else { return nil }
        return count
    }

    /// `6...128` as two texts.
    static func bounds(_ text: String) -> (lower: String, upper: String)? {
        guard let dots = text.firstRange(of: "...") else { return nil }
        let lower = String(text[..<dots.lowerBound])
        let upper = String(text[dots.upperBound...])
        guard !lower.isEmpty, !upper.isEmpty else { return nil }
        return (lower, upper)
    }

    /// `6...128`, or one number for both ends.
    static func intRange(_ text: String) -> ClosedRange<Int>? {
        if let single = int(text) { return single...single }
        guard let (lower, upper) = bounds(text), let a = int(lower), let b = int(upper), a <= b else { return nil }
        return a...b
    }

    /// `1m...24h`.
    static func durationRange(_ text: String) -> ClosedRange<Duration>? {
        guard let (lower, upper) = bounds(text), let a = duration(lower), let b = duration(upper), a <= b else { return nil }
        return a...b
    }

    /// What a scalar means where any value may stand: YAML 1.2's core words when plain, else a text.
    static func literal(_ text: String, isQuoted: Bool) -> Value {
        if isQuoted { return .string(text) }
        switch text {
        case "", "null", "~": return .null
        case "true": return .bool(true)
        case "false": return .bool(false)
        default: break
        }
        if let int = Int64(text), text == String(int) { return .int(int) }
        return isNumber(text) ? .number(text) : .string(text)
    }

    private static let number = try? LinearPattern("^-?(0|[1-9][0-9]*)(\\.[0-9]+)?([eE][+-]?[0-9]+)?$")

    /// A JSON number that is not a plain integer.
    private static func isNumber(_ text: String) -> Bool {
        guard let first = text.utf8.first, first == UInt8(ascii: "-") || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(first) else {
            return false
        }
        return number?.matches(text) ?? false
    }
}
