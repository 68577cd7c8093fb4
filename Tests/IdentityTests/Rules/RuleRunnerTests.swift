import Identity
import Testing

struct RuleRunnerTests {
    static let field = Slot("field")

    struct Case: Sendable, CustomTestStringConvertible {
        var check: FieldRule.Check
        var passing: [Value]
        var failing: [Value]
        var testDescription: String { "\(check)" }
        init(_ check: FieldRule.Check, passes passing: [Value], fails failing: [Value]) {
            self.check = check
            self.passing = passing
            self.failing = failing
        }
    }

    static let cases: [Case] = [
        Case(.required, passes: ["a", " ", "0"], fails: ["", .null]),
        Case(.string, passes: ["a", "", .null], fails: [.int(1), .bool(true), .number("1.5"), .list([]), .object([])]),
        Case(
            .email(dotted: false), passes: ["a@b", .string(address(length: 254)), "", .null], fails: ["a", .string(address(length: 255))]),
        Case(.email(dotted: true), passes: ["a@b.c"], fails: ["a@b", "a@b.c,d@e.f"]),
        Case(.min(3), passes: ["abc", "äöü", "𝄞𝄞𝄞", "e\u{301}x", "", .null], fails: ["ab", "𝄞𝄞", "é1"]),
        Case(.max(3), passes: ["abc", "äöü", "𝄞𝄞𝄞", ""], fails: ["abcd", "e\u{301}e\u{301}", "👩‍👩‍👧‍👦"]),
        Case(.digits(4), passes: ["0123", ""], fails: ["123", "12345", "12a4", "١٢٣٤", " 123", "+123"]),
        Case(.oneOf(["male", "female", "é"]), passes: ["male", "\u{E9}", ""], fails: ["Male", "mal", "e\u{301}"]),
        Case(
            .date, passes: ["1995-05-15", "1995-05-15T10:00:00Z", "2024-02-29", ""],
            fails: ["15.05.1995", "1995-02-29", "tomorrow", "1995"]),
        Case(
            .beforeToday, passes: ["2025-12-31", "2025-12-31T23:59:59Z", "2026-01-01T00:30:00+01:00", "soon"],
            fails: ["2026-01-01", "2026-01-01T00:00:00Z", "2026-01-02", "2025-12-31T23:30:00-01:00"]),
        Case(.after("1900-01-01"), passes: ["1900-01-02", "1900-01-01T00:00:01Z", "never"], fails: ["1900-01-01", "1899-12-31"]),
        Case(.after("nonsense"), passes: ["nonsense"], fails: ["2000-01-01"]),
        Case(.uncommon, passes: ["correct horse", ""], fails: ["password"]),
        Case(.assignable, passes: ["user", ""], fails: ["admin", "ADMIN"]),
        Case(.current, passes: ["current password", ""], fails: ["another", .int(1)]),
        Case(.exists, passes: ["taken", ""], fails: ["free"]),
    ]

    static func address(length: Int) -> String { String(repeating: "a", count: length - 4) + "@b.c" }

    @Test(arguments: cases)
    func `a rule fails what it says and nothing else`(_ example: Case) async throws {
        let trial = RuleTrial([FieldRule(Self.field, example.check)])
        for value in example.passing { #expect(try await trial.run([Self.field: value]).told == [], "\(value)") }
        for value in example.failing { #expect(try await trial.run([Self.field: value]).told.count == 1, "\(value)") }
        #expect(try await trial.run([:]).told.count == (example.check == .required ? 1 : 0))
    }

    @Test func `no pattern is asked about a text that no form has`() async throws {
        let trial = RuleTrial([FieldRule(Self.field, .max(2_000_000)), FieldRule(Self.field, .pattern(try LinearPattern("a")))])
        let long = String(repeating: "a", count: 16_384)
        #expect(try await trial.run([Self.field: .string(long)]).told == [])
        #expect(try await trial.run([Self.field: .string(long + "a")]).told == ["field pattern"])
    }

    @Test func `a pattern is searched for in the text`() async throws {
        let trial = RuleTrial([FieldRule(Self.field, .pattern(try LinearPattern("^[a-z]+$")))])
        #expect(try await trial.run([Self.field: "abc"]).told == [])
        #expect(try await trial.run([Self.field: "abC"]).told == ["field pattern"])
        #expect(try await trial.run([Self.field: ""]).told == [])
    }

    @Test(
        arguments: [
            (FieldRule.Check.confirmed, Value.string("a"), Value?.some("a"), true),
            (.confirmed, "a", "b", false), (.confirmed, "a", nil, false), (.confirmed, "a", .null, false), (.confirmed, "a", "", false),
            (.confirmed, "", "a", false), (.confirmed, "", nil, true), (.confirmed, .null, "", true),
            (.confirmed, "\u{E9}", "e\u{301}", false), (.confirmed, "a", .int(1), false), (.confirmed, "a", "a ", false),
            (.confirmedIfPresent, "a", "a", true), (.confirmedIfPresent, "a", "b", false), (.confirmedIfPresent, "a", nil, true),
            (.confirmedIfPresent, "a", .null, true), (.confirmedIfPresent, "a", "", false), (.confirmedIfPresent, "a", .int(1), false),
            (.confirmedIfPresent, "", "b", false), (.confirmedIfPresent, "", "", true), (.confirmedIfPresent, .null, nil, true),
        ] as [(FieldRule.Check, Value, Value?, Bool)])
    func `a password equals its confirmation`(check: FieldRule.Check, password: Value, confirmation: Value?, passes: Bool) async throws {
        var sent: [Slot: Value] = [.password: password]
        sent[.passwordConfirmation] = confirmation
        let told = try await RuleTrial([FieldRule(.password, check)]).run(sent).told
        #expect(told == (passes ? [] : ["password confirmed"]))
    }

    @Test func `required stops its slot and no other`() async throws {
        let trial = RuleTrial(
            FieldRule.list(.email, .required, .email(dotted: false), .unique) + FieldRule.list(.password, .required, .confirmed, .min(8)))
        let verdict = try await trial.run([.email: "", .password: "abc", .passwordConfirmation: "abd"])
        #expect(verdict.told == ["email required", "password confirmed", "password min"])
        #expect(verdict.asked == [])
    }

    @Test(arguments: [
        (Validation.WrongType.missing, ["email required", "age max"]),
        (.only, ["email string", "age max", "name string"]),
        (.also, ["email string", "email email", "age max", "name string", "name min"]),
    ])
    func `a wrong type speaks as the validation says`(wrongType: Validation.WrongType, told: [String]) async throws {
        let trial = RuleTrial(
            FieldRule.list(.email, .required, .email(dotted: false), .unique) + FieldRule.list(Slot("age"), .max(2))
                + FieldRule.list(Slot("name"), .string, .min(5)),
            Validation(wrongType: wrongType))
        let verdict = try await trial.run([.email: .int(5), Slot("age"): "100", Slot("name"): .bool(true)])
        #expect(verdict.told == told)
        #expect(verdict.asked == [])
    }

    @Test func `listing string chooses its place and its message`() async throws {
        let rules = [
            FieldRule(Self.field, .min(3)), FieldRule(Slot("other"), .required), FieldRule(Self.field, .string, say: "own"),
        ]
        let verdict = try await RuleTrial(rules, Validation(wrongType: .also)).run([Self.field: .int(5)])
        #expect(verdict.told == ["field min", "other required", "field string"])
        #expect(verdict.problems.last?.message == "own")
    }

    @Test func `problems stand in the order of the rules, also across slots`() async throws {
        let rules = [
            FieldRule(.email, .required), FieldRule(.password, .required), FieldRule(.password, .min(8)),
            FieldRule(.email, .email(dotted: false)),
            FieldRule(.password, .max(2)), FieldRule(.username, .unique), FieldRule(.password, .uncommon), FieldRule(.phone, .required),
        ]
        let verdict = try await RuleTrial(rules).run([.email: "x", .password: "abc", .username: "taken"])
        #expect(verdict.told == ["password min", "email email", "password max", "username unique", "phone required"])
    }

    @Test func `unique and exists are asked only of a slot without another problem, wherever they stand`() async throws {
        let trial = RuleTrial(FieldRule.list(.email, .required, .unique, .email(dotted: false)) + FieldRule.list(.username, .unique))
        let wrong = try await trial.run([.email: "taken", .username: "taken"])
        #expect(wrong.told == ["email email", "username unique"])
        #expect(wrong.asked == ["taken username taken"])
        let taken = try await trial.run([.email: "taken@example.com", .username: "free"])
        #expect(taken.told == ["email unique"])
        #expect(taken.asked == ["taken email taken@example.com", "taken username free"])
    }

    @Test func `the current password is asked once, and not at all without text`() async throws {
        let trial = RuleTrial(FieldRule.list(.currentPassword, .required, .min(8), .current, .current), Validation(wrongType: .also))
        #expect(try await trial.run([.currentPassword: "short"]).asked == ["current short"])
        #expect(try await trial.run([.currentPassword: "short"]).told == ["current_password min", "current_password current"])
        #expect(try await trial.run([.currentPassword: "current password"]).told == [])
        #expect(try await trial.run([.currentPassword: ""]).asked == [])
        let number = try await trial.run([.currentPassword: .int(123_456_789)])
        #expect(number.told == ["current_password string", "current_password current"])
        #expect(number.asked == [])
    }

    @Test func `staged tells a stage only when those before it found nothing`() async throws {
        let rules =
            FieldRule.list(.email, .required, .email(dotted: true), .unique) + FieldRule.list(.password, .required, .min(8))
            + FieldRule.list(.currentPassword, .current)
        let trial = RuleTrial(rules, Validation(order: .staged))
        let missing = try await trial.run([.email: "x", .currentPassword: "a"])
        #expect(missing.told == ["password required"])
        let wrong = try await trial.run([.email: "taken@example.com", .password: "abc", .currentPassword: "a"])
        #expect(wrong.told == ["password min"])
        #expect(missing.asked + wrong.asked == [])
        let dear = try await trial.run([.email: "taken@example.com", .password: "long enough", .currentPassword: "a"])
        #expect(dear.told == ["email unique", "current_password current"])
        let typed = try await trial.run([.email: .int(5), .password: ""])
        #expect(typed.told == ["password required"])
        let onlyTyped = try await trial.run([.email: .int(5), .password: "abc"])
        #expect(onlyTyped.told == ["email string", "password min"])
    }

    @Test func `staged counts a wrong type as missing where the validation says so`() async throws {
        let rules = FieldRule.list(.email, .required, .email(dotted: true)) + FieldRule.list(.password, .min(8))
        let verdict = try await RuleTrial(rules, Validation(order: .staged, wrongType: .missing)).run([
            .email: .list(["a@b.c"]), .password: "abc",
        ])
        #expect(verdict.told == ["email required"])
    }

    @Test func `first tells one problem and asks nothing behind it`() async throws {
        let rules = FieldRule.list(.username, .unique) + FieldRule.list(.password, .min(8)) + FieldRule.list(.email, .unique)
        let trial = RuleTrial(rules, Validation(report: .first))
        let early = try await trial.run([.username: "taken", .password: "abc", .email: "taken@example.com"])
        #expect(early.told == ["username unique"])
        #expect(early.asked == ["taken username taken"])
        let late = try await trial.run([.username: "free", .password: "abc", .email: "taken@example.com"])
        #expect(late.told == ["password min"])
        #expect(late.asked == ["taken username free"])
    }

    @Test func `messages get their parameters, and never what was sent`() async throws {
        let rules = [
            FieldRule(Slot("a"), .min(3)), FieldRule(Slot("b"), .max(1)), FieldRule(Slot("c"), .oneOf(["x", "y"])),
            FieldRule(Slot("d"), .digits(4)),
            FieldRule(Slot("e"), .beforeToday), FieldRule(Slot("f"), .after("1900-01-01")),
            FieldRule(.password, .confirmed, as: "new_password"), FieldRule(.passwordConfirmation, .same(.password), as: "again"),
        ]
        let verdict = try await RuleTrial(rules).run([
            Slot("a"): "no", Slot("b"): "no", Slot("c"): "no", Slot("d"): "no", Slot("e"): "2030-01-01", Slot("f"): "1800-01-01",
            .password: "one", .passwordConfirmation: "two",
        ])
        #expect(
            verdict.problems.map(\.parameters) == [
                ["min": .int(3)], ["max": .int(1)], ["values": "x, y"], ["digits": .int(4)], ["date": "2026-01-01"], ["date": "1900-01-01"],
                ["other": "again"], ["other": "new_password"],
            ])
        #expect(verdict.problems.map(\.message).first == "rules.min")
        #expect(verdict.told.suffix(2) == ["new_password confirmed", "again same"])
    }

    @Test func `a wire name that no rule gives is taken from what was sent`() async throws {
        let verdict = try await RuleTrial([FieldRule(.password, .confirmed)]).run([.password: "a", .passwordConfirmation: "b"])
        #expect(verdict.problems.first?.parameters == ["other": "password_confirmation"])
    }

    @Test func `several patterns in one rule speak once`() async throws {
        let patterns = try ["[a-z]", "[A-Z]", "[0-9]"].map { try LinearPattern($0) }
        let trial = RuleTrial([FieldRule(.password, .patterns(patterns))])
        #expect(try await trial.run([.password: "!!"]).told == ["password pattern"])
        #expect(try await trial.run([.password: "aB"]).told == ["password pattern"])
        #expect(try await trial.run([.password: "aB3"]).told == [])
    }

    @Test(arguments: Validation.Order.allCases)
    func `filled lets a slot be absent but not without a value`(order: Validation.Order) async throws {
        let trial = RuleTrial(
            FieldRule.list(Self.field, .filled, .confirmed, .min(3)) + FieldRule.list(.email, .required), Validation(order: order))
        #expect(try await trial.run([.email: "a"]).told == [])
        #expect(try await trial.run([Self.field: "", .passwordConfirmation: "x"]).told == ["field filled", "email required"])
        #expect(try await trial.run([Self.field: .null]).told == ["field filled", "email required"])
        #expect(try await trial.run([Self.field: "ab", .passwordConfirmation: "ab", .email: "a"]).told == ["field min"])
    }

    @Test func `an overlong address is left to the slot's own limit when it fails that`() async throws {
        let trial = RuleTrial(FieldRule.list(.email, .email(dotted: false), .max(255)))
        #expect(try await trial.run([.email: .string(Self.address(length: 255))]).told == ["email email"])
        #expect(try await trial.run([.email: .string(Self.address(length: 256))]).told == ["email max"])
    }

    @Test func `what the world throws comes through`() async throws {
        let world = RuleWorld(
            today: Instant(seconds: 0), isTaken: { _, _ in throw Failure(.unavailable) }, exists: { _, _ in true },
            isCurrentPassword: { _ in throw Failure(.locked) }, isCommon: { _ in false }, mayAssign: { _ in true })
        let runner = RuleRunner(
            rules: [FieldRule(.currentPassword, .current)], slots: [.currentPassword: SlotValue("a", wireName: "old_password")])
        await #expect(throws: Failure(.locked)) { _ = try await runner.problems(asking: world) }
    }
}
