import Identity
import Testing

struct LinearPatternTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var pattern: String
        var matching: [String]
        var others: [String]
        var testDescription: String { pattern }
        init(_ pattern: String, matches matching: [String], not others: [String]) {
            self.pattern = pattern
            self.matching = matching
            self.others = others
        }
    }

    static let cases: [Case] = [
        Case("", matches: ["", "a"], not: []),
        Case("b", matches: ["b", "abc"], not: ["", "a", "B"]),
        Case("^b", matches: ["b", "bc"], not: ["ab", "a\nb"]),
        Case("b$", matches: ["b", "ab"], not: ["ba", "b\n"]),
        Case("^$", matches: [""], not: ["a", "\n"]),
        Case("^a.c$", matches: ["abc", "a\rc", "a𝄞c"], not: ["ac", "a\nc", "abbc"]),
        Case("a|bc|", matches: ["a", "bc", "x"], not: []),
        Case("^(a|bc)$", matches: ["a", "bc"], not: ["ac", "b", "abc"]),
        Case("^a|b$", matches: ["ax", "xb"], not: ["xa", "bx"]),
        Case("^(?:ab)*$", matches: ["", "ab", "abab"], not: ["a", "aba"]),
        Case("^(ab)+$", matches: ["ab", "abab"], not: ["", "abb"]),
        Case("^ab?c$", matches: ["ac", "abc"], not: ["abbc"]),
        Case("^a{3}$", matches: ["aaa"], not: ["aa", "aaaa"]),
        Case("^a{2,}$", matches: ["aa", "aaaaa"], not: ["a", ""]),
        Case("^a{1,3}$", matches: ["a", "aa", "aaa"], not: ["", "aaaa"]),
        Case("^a{0}b$", matches: ["b"], not: ["ab"]),
        Case("^a{0,}$", matches: ["", "aa"], not: ["b"]),
        Case("^(a*)*$", matches: ["", "aaa"], not: ["b", "aab"]),
        Case("^(a*){2,}$", matches: ["", "aaa"], not: ["aab"]),
        Case("^(|a)+b$", matches: ["b", "aab"], not: ["a", "ac"]),
        Case("^[abc]+$", matches: ["a", "cab"], not: ["", "abd"]),
        Case("^[^abc]$", matches: ["d", "\n", "é"], not: ["a", "", "dd"]),
        Case("^[a-cx-z-]+$", matches: ["abcxyz-"], not: ["d", "w"]),
        Case("^[-a]$", matches: ["-", "a"], not: ["b"]),
        Case("^[\\]\\\\^]$", matches: ["]", "\\", "^"], not: ["[", "a"]),
        Case("^[.$*|(){}+?]$", matches: [".", "$", "*", "|", "(", "}", "?"], not: ["a"]),
        Case("^[\\d_]+$", matches: ["1_2"], not: ["a"]),
        Case("^[^\\s@]+$", matches: ["ab"], not: ["a b", "a@b"]),
        Case("^[!-/]$", matches: ["!", "/"], not: ["0"]),
        Case("^[\\!-\\/]$", matches: ["!", "/"], not: ["0"]),
        Case("^[а-я]$", matches: ["ж"], not: ["Ж", "z"]),
        Case("^\\d$", matches: ["0", "9"], not: ["a", "٣", "²"]),
        Case("^\\D$", matches: ["a", "٣"], not: ["1"]),
        Case("^\\w$", matches: ["a", "Z", "_", "0"], not: ["é", "-", "\u{212A}"]),
        Case("^\\W$", matches: ["é", "-"], not: ["a"]),
        Case("^\\s$", matches: [" ", "\t", "\n", "\r", "\u{0B}", "\u{0C}"], not: ["\u{A0}", "a"]),
        Case("^\\S$", matches: ["a", "\u{A0}"], not: [" "]),
        Case("^\\.\\\\\\/\\-\\{$", matches: [".\\/-{"], not: ["a\\/-{"]),
        Case("^\\t\\n\\r$", matches: ["\t\n\r"], not: ["tnr"]),
        Case("^e\u{301}$", matches: ["e\u{301}"], not: ["\u{E9}"]),
        Case("^.$", matches: ["𝄞", "\u{E9}"], not: ["e\u{301}", "\r\n"]),
        Case("x*", matches: ["", "y"], not: []),
        Case("aa*b", matches: ["xxaab"], not: ["xxb"]),
        Case("a$b", matches: [], not: ["ab", "a"]),
        Case("(^a|b)c", matches: ["ac", "xbc"], not: ["xac"]),
        Case("^[a-zA-Z\\s]+$", matches: ["Mary Ann"], not: ["Mary-Ann", "Zoë"]),
        Case("^[a-zA-Z0-9_]+$", matches: ["john_1"], not: ["john doe", "a@b"]),
        Case("^\\+?[1-9]\\d{1,14}$", matches: ["+19876543210", "12"], not: ["+0123", "1", "1234567890123456", "+1 2"]),
        Case("^[^\\s@]+@[^\\s@]+\\.[^\\s@]+$", matches: ["a@b.c"], not: ["a@b", "a@b@c.d", "a @b.c"]),
        Case(
            "^[ .()-]*\\+?[ .()-]*([0-9][ .()-]*){7,15}$", matches: ["+250 (788) 123-456", "1234567"], not: ["123456", "1234567890123456"]),
    ]

    @Test(arguments: cases)
    func `a pattern matches what it says and nothing else`(_ example: Case) throws {
        let pattern = try LinearPattern(example.pattern)
        for text in example.matching { #expect(pattern.matches(text), "\(text.debugDescription)") }
        for text in example.others { #expect(!pattern.matches(text), "\(text.debugDescription)") }
    }

    @Test(arguments: [
        ("(a)\\1", "back reference"), ("\\k<a>", "back reference"),
        ("(?=a)", "look-ahead"), ("(?!a)", "look-ahead"), ("(?<=a)", "look-behind"), ("(?<!a)", "look-behind"),
        ("(?<n>a)", "named"), ("(?P<n>a)", "named"), ("(?'n'a)", "named"), ("(?>a)", "atomic"), ("(?i)a", "flags"), ("(?", "flags"),
        ("a*?", "lazy"), ("a+?", "lazy"), ("a??", "lazy"), ("a{2}?", "lazy"), ("a++", "possessive"), ("a?+", "possessive"),
        ("a**", "already"), ("a{2}{3}", "already"), ("*a", "before"), ("(+)", "before"), ("a|?", "before"), ("^*", "anchor"),
        ("a$+", "anchor"),
        ("\\b", "\\b is no escape"), ("\\x41", "no escape"), ("\\u0041", "no escape"), ("\\p{L}", "no escape"), ("\\0", "no escape"),
        ("\\é", "no escape"), ("a\\", "follows"),
        ("(a", "at 1: a group is never closed"), ("x(a|(b)", "at 2: a group is never closed"), ("a)", "at 2: a group is closed"),
        ("[a", "never closed"), ("[a-", "never closed"), ("[]a]", "empty"), ("[^]", "empty"), ("a]", "alone"), ("a}", "alone"),
        ("{2}", "alone"), ("a{", "count"), ("a{x}", "count"), ("a{,3}", "count"), ("a{2", "count"), ("a{2,1}", "order"),
        ("[z-a]", "order"), ("[a-\\d]", "range"), ("[\\w-z]", "range"), ("[[:alpha:]]", "by name"),
        ("a{2001}", "over 2000"), ("a{99999999999999999999}", "over 2000"), ("(a{100}){100}", "2000 states"),
        ("(((){2000}){2000}){2000}", "2000 states"),
        (String(repeating: "a", count: 2000), "2000 states"), (String(repeating: "(", count: 5000), "deep"),
    ])
    func `what is no linear pattern is refused with its reason`(source: String, reason: String) {
        let fault = #expect(throws: PatternFault.self) { try LinearPattern(source) }
        #expect(fault?.reason.contains(reason) == true, "\(fault?.reason ?? "none")")
    }

    @Test(arguments: ["(a+)+$", "^(a+)+$", "(a|a)*c", "(a*)*c", "^(a|aa)+$", "(.*)(.*)(.*)(.*)(.*)c", "(a?){50}a{50}c"])
    func `no text makes a pattern take more than its length for each scalar`(source: String) throws {
        let pattern = try LinearPattern(source)
        let program = 2 * source.count + 220
        for length in [100, 1000, 10_000] {
            var steps = 0
            #expect(!pattern.matches(String(repeating: "a", count: length) + "b", countingSteps: &steps))
            #expect(steps <= 2 * program * (length + 2))
        }
    }

    @Test func `a hundred thousand letters and a wrong one cost each scalar the same`() throws {
        let pattern = try LinearPattern("(a+)+$")
        var short = 0
        var long = 0
        #expect(!pattern.matches(String(repeating: "a", count: 1000) + "b", countingSteps: &short))
        #expect(!pattern.matches(String(repeating: "a", count: 100_000) + "b", countingSteps: &long))
        #expect(long <= 101 * short)
        #expect(long <= 12 * 100_002)
    }

    @Test func `an anchored pattern gives up at the first wrong scalar`() throws {
        var steps = 0
        #expect(try !LinearPattern("^(x|y)+$").matches(String(repeating: "a", count: 100_000), countingSteps: &steps))
        #expect(steps < 20)
    }

    @Test func `patterns are equal by their source, byte for byte`() throws {
        #expect(try LinearPattern("a+") == LinearPattern("a+"))
        #expect(try LinearPattern("a+").hashValue == LinearPattern("a+").hashValue)
        #expect(try LinearPattern("a+") != LinearPattern("aa*"))
        #expect(try LinearPattern("\u{E9}") != LinearPattern("e\u{301}"))
    }
}
