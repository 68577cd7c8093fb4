import Testing

@testable import Identity

struct InstantTextTests {
    @Test(
        arguments: [
            (0, "1970-01-01T00:00:00Z", "Thu, 01 Jan 1970 00:00:00 GMT"),
            (-1, "1969-12-31T23:59:59Z", "Wed, 31 Dec 1969 23:59:59 GMT"),
            (784_111_777, "1994-11-06T08:49:37Z", "Sun, 06 Nov 1994 08:49:37 GMT"),
            (951_782_400, "2000-02-29T00:00:00Z", "Tue, 29 Feb 2000 00:00:00 GMT"),
            (1_709_251_199, "2024-02-29T23:59:59Z", "Thu, 29 Feb 2024 23:59:59 GMT"),
            (1_735_725_600, "2025-01-01T10:00:00Z", "Wed, 01 Jan 2025 10:00:00 GMT"),
            (2_147_483_647, "2038-01-19T03:14:07Z", "Tue, 19 Jan 2038 03:14:07 GMT"),
            (2_147_483_648, "2038-01-19T03:14:08Z", "Tue, 19 Jan 2038 03:14:08 GMT"),
            (4_107_542_399, "2100-02-28T23:59:59Z", "Sun, 28 Feb 2100 23:59:59 GMT"),
            (4_107_542_400, "2100-03-01T00:00:00Z", "Mon, 01 Mar 2100 00:00:00 GMT"),
            (-2_203_891_200, "1900-03-01T00:00:00Z", "Thu, 01 Mar 1900 00:00:00 GMT"),
            (-62_135_596_800, "0001-01-01T00:00:00Z", "Mon, 01 Jan 0001 00:00:00 GMT"),
            (253_402_300_799, "9999-12-31T23:59:59Z", "Fri, 31 Dec 9999 23:59:59 GMT"),
        ] as [(Int64, String, String)])
    func `a second has its names and is read from them`(seconds: Int64, iso: String, http: String) {
        let moment = Instant(seconds: seconds)
        #expect(moment.iso8601 == iso)
        #expect(moment.httpDate == http)
        #expect(Instant(rfc3339: iso) == moment)
        #expect(Instant(iso8601: iso) == moment)
    }

    @Test func `every day of eight hundred years follows its neighbour`() throws {
        var expected = CivilTime(year: 1600, month: 1, day: 1)
        var day = try #require(expected.instant)
        var weekday = 6
        var mismatches = 0
        while expected.year < 2400 {
            let civil = CivilTime(day)
            if civil != expected || civil.weekday != weekday || civil.instant != day { mismatches += 1 }
            expected.day += 1
            if expected.day > CivilTime.days(inMonth: expected.month, of: expected.year) {
                expected.day = 1
                expected.month += 1
            }
            if expected.month > 12 {
                expected.month = 1
                expected.year += 1
            }
            weekday = (weekday + 1) % 7
            day = day + .seconds(86_400)
        }
        #expect(mismatches == 0)
        #expect(day.iso8601 == "2400-01-01T00:00:00Z")
    }

    @Test func `fractions are cut off, before the epoch too`() {
        #expect(Instant(microseconds: 1_735_725_600_999_999).iso8601Milliseconds == "2025-01-01T10:00:00.999Z")
        #expect(Instant(microseconds: 1_735_725_600_000_000).iso8601Milliseconds == "2025-01-01T10:00:00.000Z")
        #expect(Instant(microseconds: -1).iso8601Milliseconds == "1969-12-31T23:59:59.999Z")
    }

    @Test(arguments: [
        ("dd/MM/yyyy", "09/03/2025"),
        ("yyyy-MM-dd HH:mm:ss.SSS", "2025-03-09 07:05:03.042"),
        ("yyyy-MM-ddTHH:mm:ss+00:00", "2025-03-09T07:05:03+00:00"),
        ("d M y s S é", "d M y s S é"),
        ("", ""),
    ])
    func `a pattern's tokens are replaced and the rest stands`(pattern: String, text: String) throws {
        let moment = try #require(Instant(rfc3339: "2025-03-09T07:05:03.042Z"))
        #expect(moment.formatted(pattern: pattern) == text)
        #expect(moment.isoDate == "2025-03-09")
    }

    @Test func `moments past the calendar take its ends`() {
        #expect(Instant(microseconds: .min).iso8601 == "0001-01-01T00:00:00Z")
        #expect(Instant(microseconds: .max).iso8601Milliseconds == "9999-12-31T23:59:59.999Z")
    }

    @Test(
        arguments: [
            ("2024-02-29", "2024-02-29T00:00:00Z"), ("2000-02-29", "2000-02-29T00:00:00Z"), ("1969-07-20", "1969-07-20T00:00:00Z"),
            ("2023-02-29", nil), ("2100-02-29", nil), ("2025-04-31", nil), ("2025-00-10", nil), ("2025-13-01", nil), ("2025-01-00", nil),
            ("0000-01-01", nil), ("2025-1-1", nil), ("25-01-01", nil), ("2025-01-01Z", nil), ("2025-01-01 ", nil), ("+025-01-01", nil),
            ("", nil),
            ("２０２５-01-01", nil),
        ] as [(String, String?)])
    func `a day is read when it exists`(text: String, iso: String?) {
        #expect(Instant(date: text)?.iso8601 == iso)
    }

    @Test(
        arguments: [
            ("2025-01-01T10:00:00Z", "2025-01-01T10:00:00.000Z", true),
            ("2025-01-01t10:00:00z", "2025-01-01T10:00:00.000Z", true),
            ("2025-01-01 10:00:00.5+05:30", "2025-01-01T04:30:00.500Z", true),
            ("2025-01-01T00:00:00.123456789-01:00", "2025-01-01T01:00:00.123Z", true),
            ("2025-01-01T10:00:00-00:00", "2025-01-01T10:00:00.000Z", true),
            ("2025-01-01T10:00:00+0530", "2025-01-01T04:30:00.000Z", false),
            ("2025-01-01T10:00:00+05", "2025-01-01T05:00:00.000Z", false),
            ("2025-01-01T10:00", "2025-01-01T10:00:00.000Z", false),
            ("2025-01-01T10:00+01:00", "2025-01-01T09:00:00.000Z", false),
            ("2025-01-01T10:00:00", "2025-01-01T10:00:00.000Z", false),
            ("2025-01-01", "2025-01-01T00:00:00.000Z", false),
            ("2025-01-01T24:00:00Z", nil, false),
            ("2016-12-31T23:59:60Z", nil, false),
            ("2025-01-01T10:60:00Z", nil, false),
            ("2025-01-01T10:00:00.Z", nil, false),
            ("2025-01-01T10:00:00+24:00", nil, false),
            ("2025-01-01T10:00:00+01:60", nil, false),
            ("2025-01-01T10:00:00Zx", nil, false),
            ("2025-01-01T", nil, false),
            ("0001-01-01T00:00:00+01:00", nil, false),
            ("9999-12-31T23:59:59-01:00", nil, false),
        ] as [(String, String?, Bool)])
    func `a date-time is read with its offset`(text: String, iso: String?, isRFC3339: Bool) {
        #expect(Instant(iso8601: text)?.iso8601Milliseconds == iso)
        #expect(Instant(rfc3339: text)?.iso8601Milliseconds == (isRFC3339 ? iso : nil))
    }
}
