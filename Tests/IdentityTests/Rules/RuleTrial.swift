import Identity
import Synchronization

/// One run of rules in a small world that counts what it is asked.
struct RuleTrial: Sendable {
    var rules: [FieldRule]
    var validation = Validation()
    var taken: Set<String> = ["taken@example.com", "taken"]
    /// Noon of a day in 2026.
    var today = Instant(seconds: 1_767_225_600 + 43_200)

    init(_ rules: [FieldRule], _ validation: Validation = Validation()) {
        self.rules = rules
        self.validation = validation
    }

    struct Verdict: Sendable {
        var problems: [FieldProblem]
        /// Each question as `what slot-or-kind text`.
        var asked: [String]
        /// Each problem as `wire_name rule`.
        var told: [String] { problems.map { "\($0.wireName) \($0.rule)" } }
    }

    func run(_ sent: [Slot: Value]) async throws -> Verdict {
        let asked = Asked()
        let taken = taken
        let world = RuleWorld(
            today: today,
            isTaken: { kind, text in
                asked.note("taken \(kind.rawValue) \(text)")
                return taken.contains(text)
            },
            exists: { slot, text in
                asked.note("exists \(slot) \(text)")
                return taken.contains(text)
            },
            isCurrentPassword: { text in
                asked.note("current \(text)")
                return text == "current password"
            },
            isCommon: { $0 == "password" },
            mayAssign: { $0 == "user" })
        var slots: [Slot: SlotValue] = [:]
        for (slot, value) in sent { slots[slot] = SlotValue(value, wireName: slot.rawValue) }
        let problems = try await RuleRunner(rules: rules, validation: validation, slots: slots).problems(asking: world)
        return Verdict(problems: problems, asked: asked.all)
    }

    private final class Asked: Sendable {
        private let questions = Mutex<[String]>([])
        func note(_ question: String) { questions.withLock { $0.append(question) } }
        var all: [String] { questions.withLock { $0 } }
    }
}

extension FieldRule {
    init(_ slot: Slot, _ check: Check, as wireName: String? = nil, say message: String? = nil) {
        self.init(slot: slot, wireName: wireName ?? slot.rawValue, check: check, message: message)
    }

    /// All checks of one slot.
    static func list(_ slot: Slot, _ checks: Check..., as wireName: String? = nil) -> [FieldRule] {
        checks.map { FieldRule(slot, $0, as: wireName) }
    }
}

/// So that tables of what was sent read as what was sent.
extension Value: ExpressibleByStringLiteral {
    public init(stringLiteral value: String) { self = .string(value) }
}
