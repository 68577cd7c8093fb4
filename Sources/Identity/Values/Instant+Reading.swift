extension Instant {
    /// Reads a day, `YYYY-MM-DD`, as its first moment in UTC; nil when it is malformed or no such day exists.
    package init?(date text: String) {
        var clock = ClockText(text)
        guard let civil = clock.date(), clock.isAtEnd, let moment = civil.instant else { return nil }
        self = moment
    }

    /// Reads a date-time of RFC 3339, section 5.6: seconds and an offset are required.
    ///
    /// Digits past the microsecond are cut off, leap seconds refused.
    package init?(rfc3339 text: String) {
        var clock = ClockText(text)
        guard var civil = clock.date(), clock.separator(), clock.time(into: &civil) == .toTheSecond,
            let offset = clock.offset(isStrict: true), clock.isAtEnd, let moment = civil.instant, let shifted = moment.shifted(by: offset)
        else { return nil }
        self = shifted
    }

    /// Reads a date or a date-time of ISO 8601's extended form.
    ///
    /// Seconds may be missing; the offset may be `Z`, `+05:30`, `+0530`, `+05` or missing, which means UTC.
    package init?(iso8601 text: String) {
        var clock = ClockText(text)
        guard var civil = clock.date() else { return nil }
        var offset = 0
        if !clock.isAtEnd {
            guard clock.separator(), clock.time(into: &civil) != nil else { return nil }
            if !clock.isAtEnd {
                guard let written = clock.offset(isStrict: false) else { return nil }
                offset = written
            }
        }
        guard clock.isAtEnd, let moment = civil.instant, let shifted = moment.shifted(by: offset) else { return nil }
        self = shifted
    }

    private func shifted(by minutes: Int) -> Instant? {
        let moment = Instant(microseconds: microseconds - Int64(minutes) * 60_000_000)
        return (Instant.earliest...Instant.latest).contains(moment) ? moment : nil
    }
}

/// A walk over the text of a date or a time.
private struct ClockText {
    enum Precision {
        case toTheMinute
        case toTheSecond
    }

    private var rest: Substring.UTF8View

    init(_ text: String) { rest = Substring(text).utf8 }

    var isAtEnd: Bool { rest.isEmpty }

    mutating func date() -> CivilTime? {
        guard let year = number(digits: 4), take("-"), let month = number(digits: 2), take("-"), let day = number(digits: 2)
        else { return nil }
        return CivilTime(year: year, month: month, day: day)
    }

    mutating func separator() -> Bool { take("T") || take("t") || take(" ") }

    mutating func time(into civil: inout CivilTime) -> Precision? {
        guard let hour = number(digits: 2), take(":"), let minute = number(digits: 2) else { return nil }
        civil.hour = hour
        civil.minute = minute
        guard take(":") else { return .toTheMinute }
        guard let second = number(digits: 2) else { return nil }
        civil.second = second
        guard take(".") else { return .toTheSecond }
        let fraction = rest.prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
        guard !fraction.isEmpty else { return nil }
        rest.removeFirst(fraction.count)
        var microsecond = 0
        var unit = 100_000
        for digit in fraction.prefix(6) {
            microsecond += Int(digit - UInt8(ascii: "0")) * unit
            unit /= 10
        }
        civil.microsecond = microsecond
        return .toTheSecond
    }

    /// Minutes east of UTC.
    mutating func offset(isStrict: Bool) -> Int? {
        if take("Z") || take("z") { return 0 }
        let sign: Int
        if take("+") { sign = 1 } else if take("-") { sign = -1 } else { return nil }
        guard let hours = number(digits: 2), hours < 24 else { return nil }
        if !isStrict, isAtEnd { return sign * hours * 60 }
        guard take(":") || !isStrict, let minutes = number(digits: 2), minutes < 60 else { return nil }
        return sign * (hours * 60 + minutes)
    }

    private mutating func number(digits count: Int) -> Int? {
        var number = 0
        for _ in 0..<count {
            guard let byte = rest.first, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return nil }
            number = number * 10 + Int(byte - UInt8(ascii: "0"))
            rest.removeFirst()
        }
        return number
    }

    private mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard let byte = rest.first, byte == UInt8(ascii: character) else { return false }
        rest.removeFirst()
        return true
    }
}
