/// Moments as mails write them, always in UTC.
enum MailDate {
    /// The moments that have a four-digit year, in seconds since 1970.
    static let range: ClosedRange<Int64> = 0...253_402_300_799

    private static let weekdays = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]
    private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

    /// The `date-time` of RFC 5322, section 3.3: `Thu, 01 Jan 1970 00:00:00 +0000`.
    static func header(_ seconds: Int64) -> String {
        let day = Day(containing: seconds)
        let weekday = weekdays[Int(seconds / 86_400 % 7)]
        let clock = [seconds % 86_400 / 3_600, seconds % 3_600 / 60, seconds % 60].map { padded($0, 2) }.joined(separator: ":")
        return "\(weekday), \(padded(day.day, 2)) \(months[Int(day.month) - 1]) \(padded(day.year, 4)) \(clock) +0000"
    }

    /// A stamp that sorts as time does: `19700101T000000Z`.
    static func stamp(_ seconds: Int64) -> String {
        let day = Day(containing: seconds)
        let clock = [seconds % 86_400 / 3_600, seconds % 3_600 / 60, seconds % 60].map { padded($0, 2) }.joined()
        return "\(padded(day.year, 4))\(padded(day.month, 2))\(padded(day.day, 2))T\(clock)Z"
    }

    private static func padded(_ number: Int64, _ width: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }

    // The proleptic Gregorian calendar counted in eras of 400 years that begin in March.
    private struct Day {
        let year: Int64
        let month: Int64
        let day: Int64

        init(containing seconds: Int64) {
            let days = seconds / 86_400 + 719_468
            let era = days / 146_097
            let ofEra = days - era * 146_097
            let yearOfEra = (ofEra - ofEra / 1_460 + ofEra / 36_524 - ofEra / 146_096) / 365
            let ofYear = ofEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
            let marchMonth = (5 * ofYear + 2) / 153
            day = ofYear - (153 * marchMonth + 2) / 5 + 1
            month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9
            year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        }
    }
}
