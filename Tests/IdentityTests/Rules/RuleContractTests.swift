import Identity
import Testing

/// The validation examples of the dialects' contracts, each with the rules that its dialect lists.
struct RuleContractTests {
    static let company = Slot("company_name")
    static let fullName = Slot("full_name")

    // MARK: xpay

    static let xpay = RuleTrial(
        FieldRule.list(.email, .required, .email(dotted: true)) + FieldRule.list(.password, .required, .min(8), .max(256), .uncommon)
            + FieldRule.list(fullName, .required, .max(100)) + FieldRule.list(company, .max(150)) + [FieldRule(.email, .unique)],
        Validation(order: .staged))

    @Test func `xpay tells missing fields before invalid ones, and those before a taken address`() async throws {
        #expect(try await Self.xpay.run([.email: "nonsense", .password: "abc"]).told == ["full_name required"])
        #expect(try await Self.xpay.run([Self.company: .int(1)]).told == ["email required", "password required", "full_name required"])
        let invalid = try await Self.xpay.run([.email: "taken@example.com", .password: "abc", Self.fullName: "J", Self.company: .int(1)])
        #expect(invalid.told == ["password min", "company_name string"])
        #expect(invalid.asked == [])
        let taken = try await Self.xpay.run([.email: "taken@example.com", .password: "securePassword123!", Self.fullName: "J"])
        #expect(taken.told == ["email unique"])
        let number = try await RuleTrial(FieldRule.list(.code, .required, as: "otp"), Validation(order: .staged)).run([.code: .int(123_456)]
        )
        #expect(number.told == ["otp string"])
    }

    // MARK: rsa-jwt

    static func rsaJWT() throws -> RuleTrial {
        let password = ["[a-z]", "[A-Z]", "\\d", "[@$!%*?&#]", "^[A-Za-z\\d@$!%*?&#]+$"]
        return try RuleTrial(
            FieldRule.list(Slot("first_name"), .required, .string, .max(100), .pattern(LinearPattern("^[a-zA-Z\\s]+$")))
                + FieldRule.list(Slot("dob"), .required, .date, .beforeToday, .after("1900-01-01"))
                + FieldRule.list(.role, .string, .oneOf(["admin", "user"]))
                + FieldRule.list(.email, .required, .email(dotted: false), .max(255), .unique)
                + FieldRule.list(.username, .required, .string, .min(3), .max(50), .pattern(LinearPattern("^[a-zA-Z0-9_]+$")), .unique)
                + FieldRule.list(.password, .required, .string, .min(8), .max(100), .patterns(password.map { try LinearPattern($0) }))
                + FieldRule.list(.passwordConfirmation, .required, .same(.password)))
    }

    static let john: [Slot: Value] = [
        Slot("first_name"): "John", Slot("dob"): "1995-05-15", .role: "user", .email: "john@example.com", .username: "johndoe",
        .password: "John@123456", .passwordConfirmation: "John@123456",
    ]

    @Test func `rsa-jwt takes its own example`() async throws {
        #expect(try await Self.rsaJWT().run(Self.john).told == [])
    }

    @Test func `rsa-jwt tells a taken address beside a short password`() async throws {
        let sent = Self.john.merging([.email: "taken@example.com", .password: "Ab1@", .passwordConfirmation: "Ab1@"]) { $1 }
        #expect(try await Self.rsaJWT().run(sent).told == ["email unique", "password min"])
    }

    @Test(
        arguments: [
            ([Slot("first_name"): .string("J0hn\(String(repeating: "n", count: 100))")], ["first_name max", "first_name pattern"]),
            ([Slot("first_name"): .int(5), .role: .bool(true)], ["first_name string", "role string"]),
            ([Slot("dob"): "15/05/1995"], ["dob date"]),
            ([Slot("dob"): "2026-01-01"], ["dob before"]), ([Slot("dob"): "1900-01-01"], ["dob after"]),
            ([Slot("dob"): ""], ["dob required"]),
            ([.role: "root"], ["role one-of"]), ([.role: .null], []),
            ([.username: "a@"], ["username min", "username pattern"]), ([.username: "taken"], ["username unique"]),
            ([.password: "abc"], ["password min", "password pattern", "password_confirmation same"]),
            ([.password: "John@12345é"], ["password pattern", "password_confirmation same"]),
            ([.passwordConfirmation: .null], ["password_confirmation required"]),
        ] as [([Slot: Value], [String])])
    func `rsa-jwt lets all failing rules of a field speak`(sent: [Slot: Value], told: [String]) async throws {
        #expect(try await Self.rsaJWT().run(Self.john.merging(sent) { $1 }).told == told)
    }

    // MARK: aethermind

    @Test func `aethermind tells one problem, in the order of its checks`() async throws {
        let trial = RuleTrial(
            [
                FieldRule(.email, .required), FieldRule(.password, .required), FieldRule(.password, .min(8)),
                FieldRule(.email, .email(dotted: false)),
                FieldRule(.password, .max(256)), FieldRule(.password, .uncommon), FieldRule(.email, .unique),
            ], Validation(order: .staged, wrongType: .missing, report: .first))
        let steps: [([Slot: Value], [String])] = [
            ([.email: .list(["a@b.c"]), .password: "abc"], ["email required"]),
            ([.email: "nonsense"], ["password required"]),
            ([.email: "nonsense", .password: "abc"], ["password min"]),
            ([.email: "nonsense", .password: .string(String(repeating: "a", count: 257))], ["email email"]),
            ([.email: "taken@example.com", .password: .string(String(repeating: "a", count: 257))], ["password max"]),
            ([.email: "taken@example.com", .password: "password"], ["password uncommon"]),
            ([.email: "taken@example.com", .password: "long enough"], ["email unique"]),
            ([.email: "user@example.com", .password: "long enough"], []),
        ]
        for (sent, told) in steps { #expect(try await trial.run(sent).told == told) }
    }

    // MARK: servitech

    static let servitech = Validation(wrongType: .also)

    @Test func `servitech counts both faults of a short password with another confirmation`() async throws {
        let trial = RuleTrial(FieldRule.list(.password, .required, .confirmed, .min(8)), Self.servitech)
        let verdict = try await trial.run([.password: "abc", .passwordConfirmation: "abd"])
        #expect(verdict.told == ["password confirmed", "password min"])
    }

    @Test func `servitech refuses a number as e-mail twice and looks nobody up`() async throws {
        let trial = RuleTrial(FieldRule.list(.email, .required, .email(dotted: false), .exists), Self.servitech)
        let number = try await trial.run([.email: .int(5)])
        #expect(number.told == ["email string", "email email"])
        #expect(number.asked == [])
        #expect(try await trial.run([.email: "nobody@example.com"]).told == ["email exists"])
        #expect(try await trial.run([.email: "taken@example.com"]).told == [])
    }

    @Test func `servitech tells an overlong address by its limit alone`() async throws {
        let trial = RuleTrial(FieldRule.list(.email, .required, .email(dotted: false), .max(254), .unique), Self.servitech)
        let verdict = try await trial.run([.email: .string(RuleRunnerTests.address(length: 255))])
        #expect(verdict.problems.map(\.parameters) == [["max": .int(254)]])
    }

    @Test func `servitech judges the old password beside its length`() async throws {
        let trial = RuleTrial(
            FieldRule.list(.currentPassword, .required, .min(8), .current, as: "old_password")
                + FieldRule.list(.password, .required, .confirmed, .min(8)),
            Self.servitech)
        #expect(
            try await trial.run([.currentPassword: "wrong password", .password: "new password", .passwordConfirmation: "new password"]).told
                == ["old_password current"])
    }

    // MARK: devise

    static let devise = RuleTrial(
        FieldRule.list(.email, .required, .unique, .email(dotted: false))
            + FieldRule.list(.password, .required, .confirmedIfPresent, .min(6), .max(128), .uncommon) + FieldRule.list(.role, .assignable),
        Validation(wrongType: .missing))

    @Test(
        arguments: [
            ([.email: "invalid", .password: "abc"], ["email email", "password min"]),
            ([:], ["email required", "password required"]),
            ([.email: .int(5), .password: .list([]), .role: .int(1)], ["email required", "password required"]),
            (
                [.email: "taken@example.com", .password: "abc", .passwordConfirmation: "abd", .role: "admin"],
                ["email unique", "password confirmed", "password min", "role assignable"]
            ),
            ([.email: "user@example.com", .password: "password123", .passwordConfirmation: "password123", .role: "user"], []),
            ([.email: "user@example.com", .password: "password123", .passwordConfirmation: ""], ["password confirmed"]),
            ([.email: "user@example.com", .password: "password123", .passwordConfirmation: .int(1)], []),
        ] as [([Slot: Value], [String])])
    func `devise tells its sentences in order`(sent: [Slot: Value], told: [String]) async throws {
        #expect(try await Self.devise.run(sent).told == told)
    }

    @Test func `devise leaves a blank password unchanged and wants the current one`() async throws {
        let trial = RuleTrial(
            FieldRule.list(.email, .unique, .email(dotted: false)) + FieldRule.list(.password, .confirmedIfPresent, .min(6))
                + FieldRule.list(.currentPassword, .required, .current),
            Validation(wrongType: .missing))
        #expect(try await trial.run([.password: "", .passwordConfirmation: "", .currentPassword: "current password"]).told == [])
        #expect(try await trial.run([.password: "newpassword123", .currentPassword: "wrong"]).told == ["current_password current"])
        #expect(try await trial.run([:]).told == ["current_password required"])
    }
}
