extension Instant {
    /// The first moment of year 1; texts name no earlier one.
    package static let earliest = Instant(seconds: -62_135_596_800)
    /// The last microsecond of year 9999; texts name no later one.
    package static let latest = Instant(microseconds: 253_402_300_799_999_999)

    /// The moment to the second, as in `2025-01-01T10:00:00Z`; finer parts are cut off.
    package var iso8601: String { iso8601(fractionDigits: 0) }

    /// The moment to the millisecond, as in `2025-01-01T10:00:00.000Z`; finer parts are cut off.
    package var iso8601Milliseconds: String { iso8601(fractionDigits: 3) }

    /// The moment's day in UTC, as in `2025-01-01`.
    package var isoDate: String { formatted(pattern: "yyyy-MM-dd") }

    /// The moment as HTTP writes it (IMF-fixdate, RFC 9110 section 5.6.7): `Sun, 06 Nov 1994 08:49:37 GMT`.
    package var httpDate: String {
        let civil = CivilTime(self)
        let weekday = Self.weekdays[civil.weekday]
        let month = Self.months[civil.month - 1]
        return weekday + ", " + formatted(pattern: "dd ") + month + formatted(pattern: " yyyy HH:mm:ss ") + "GMT"
    }

    /// The moment in UTC in the order that a pattern gives: `yyyy MM dd HH mm ss SSS` are replaced, all other characters stand for themselves.
    package func formatted(pattern: String) -> String {
        let civil = CivilTime(self)
        var text: [UInt8] = []
        var rest = Substring(pattern).utf8
        while let byte = rest.first {
            guard let (part, width) = Self.part(of: civil, namedAt: rest) else {
                text.append(byte)
                rest.removeFirst()
                continue
            }
            Self.append(part, width: width, to: &text)
            rest.removeFirst(width)
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// Appends the moment in ISO 8601, UTC, with so many digits (0 to 6) of the second's fraction.
    package func appendISO8601(fractionDigits: Int, to text: inout [UInt8]) {
        let civil = CivilTime(self)
        Self.append(civil.year, width: 4, to: &text)
        text.append(UInt8(ascii: "-"))
        Self.append(civil.month, width: 2, to: &text)
        text.append(UInt8(ascii: "-"))
        Self.append(civil.day, width: 2, to: &text)
        text.append(UInt8(ascii: "T"))
        Self.append(civil.hour, width: 2, to: &text)
        text.append(UInt8(ascii: ":"))
        Self.append(civil.minute, width: 2, to: &text)
        text.append(UInt8(ascii: ":"))
        Self.append(civil.second, width: 2, to: &text)
        if fractionDigits > 0 {
            text.append(UInt8(ascii: "."))
            Self.append(civil.microsecond, width: 6, to: &text)
            text.removeLast(max(0, 6 - fractionDigits))
        }
        text.append(UInt8(ascii: "Z"))
    }

    private func iso8601(fractionDigits: Int) -> String {
        var text: [UInt8] = []
        text.reserveCapacity(27)
        appendISO8601(fractionDigits: fractionDigits, to: &text)
        return String(decoding: text, as: UTF8.self)
    }

    private static let weekdays = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
    private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

    private static func part(of civil: CivilTime, namedAt pattern: Substring.UTF8View) -> (number: Int, width: Int)? {
        let part: (number: Int, width: Int)
        let letter = pattern.first
        switch letter {
        case UInt8(ascii: "y"): part = (civil.year, 4)
        case UInt8(ascii: "M"): part = (civil.month, 2)
        case UInt8(ascii: "d"): part = (civil.day, 2)
        case UInt8(ascii: "H"): part = (civil.hour, 2)
        case UInt8(ascii: "m"): part = (civil.minute, 2)
        case UInt8(ascii: "s"): part = (civil.second, 2)
        case UInt8(ascii: "S"): part = (civil.microsecond / 1000, 3)
        default: return nil
        }
        let token = pattern.prefix(part.width)
        return token.count == part.width && token.allSatisfy { $0 == letter } ? part : nil
    }

    private static func append(_ number: Int, width: Int, to text: inout [UInt8]) {
        var divisor = 1
        for _ in 1..<width { divisor *= 10 }
        while divisor > 0 {
            text.append(UInt8(ascii: "0") + UInt8(number / divisor % 10))
            divisor /= 10
        }
    }
}
