import Identity
import Testing

@testable import DialectEngine

struct FormatterTests {
    private static let moment = Value.time(Instant(microseconds: 1_704_103_200_123_456))

    @Test(
        arguments: [
            (Formatter.string, Value.int(7), Value.string("7")), (.string, .bool(true), .string("true")), (.string, .null, .null),
            (.string, .number("1.50"), .string("1.50")),
            (.int, .string("12"), .int(12)), (.int, .string("x"), .null), (.int, .bool(true), .int(1)),
            (.lower, .string("ÄB"), .string("äb")), (.upper, .string("äb"), .string("ÄB")), (.upper, .int(1), .int(1)),
            (.capitalized, .string("élan vital"), .string("Élan vital")), (.capitalized, .string(""), .string("")),
            (.iso, moment, .string("2024-01-01T10:00:00Z")), (.isoMilliseconds, moment, .string("2024-01-01T10:00:00.123Z")),
            (.iso, .null, .null), (.iso, .string("x"), .string("x")),
            (.epoch, moment, .int(1_704_103_200)), (.epochMilliseconds, moment, .int(1_704_103_200_123)),
            (.epochMilliseconds, .time(Instant(microseconds: -1)), .int(-1)),
            (.date("dd/MM/yyyy"), moment, .string("01/01/2024")),
            (.prefix("user_"), .int(1), .string("user_1")), (.prefix("user_"), .null, .null), (.suffix("!"), .string("a"), .string("a!")),
            (.default("none"), .null, .string("none")), (.default("none"), .string(""), .string("none")),
            (.default("none"), .bool(false), .bool(false)),
            (.join(", "), .list([.string("A"), .int(2)]), .string("A, 2")), (.join(", "), .string("A"), .string("A")),
            (.join(" "), .object([Value.Member("a", .string("x")), Value.Member("b", .string("y"))]), .string("x y")),
            (.first, .list([.int(1), .int(2)]), .int(1)), (.first, .list([]), .null), (.first, .string("ab"), .string("ab")),
            (.count, .list([.int(1), .int(2)]), .int(2)), (.count, .null, .int(0)), (.count, .string("日本"), .int(2)),
            (.enum(["1": "ONE"]), .int(1), .string("ONE")), (.enum(["1": "ONE"]), .int(2), .int(2)),
            (.mask, .string("ana@example.com"), .string("a***@example.com")), (.mask, .string("+4912"), .string("+***")),
            (.base64url, .string("a?>"), .string("YT8-")), (.base64url, .string("a"), .string("YQ")),
            (.url, .string("a b&ü@"), .string("a%20b%26%C3%BC%40")),
        ] as [(Formatter, Value, Value)])
    func `a formatter maps any value to a value`(formatter: Formatter, value: Value, expected: Value) {
        #expect(formatter.applied(to: value) == expected)
    }
}
