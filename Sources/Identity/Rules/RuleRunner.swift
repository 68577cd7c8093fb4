/// Runs a route's rules over what a client sent; `FieldRule.Check` and `Validation` say what each means.
package struct RuleRunner: Sendable {
    private let rules: [FieldRule]
    private let validation: Validation
    private let slots: [Slot: SlotValue]
    private let sent: [Slot: SentValue]

    package init(rules: [FieldRule], validation: Validation = Validation(), slots: [Slot: SlotValue]) {
        self.rules = rules
        self.validation = validation
        self.slots = slots
        var sent: [Slot: SentValue] = [:]
        for slot in Set(rules.flatMap(\.slotsRead)) {
            sent[slot] = SentValue(slots[slot]?.value, wrongType: validation.wrongType)
        }
        self.sent = sent
    }

    package init(_ request: OperationRequest) {
        self.init(rules: request.rules, validation: request.validation, slots: request.slots)
    }

    /// The rules that fail, in the order in which they are listed; empty when the request may go on.
    ///
    /// The world is asked only what the rules before leave open, one question at a time and each once. Throws what the world throws.
    package func problems(asking world: RuleWorld) async throws -> [FieldProblem] {
        var found = FoundProblems(report: validation.report)
        findMissing(&found)
        if validation.order == .staged, !found.isEmpty { return found.told }
        findWrongTypes(&found)
        findCheap(&found, asking: world)
        if validation.order == .staged, !found.isEmpty { return found.told }
        try await findDear(&found, asking: world)
        return found.told
    }

    private func value(_ slot: Slot) -> SentValue { sent[slot] ?? .nothing }

    private func findMissing(_ found: inout FoundProblems) {
        for (place, rule) in rules.enumerated() where value(rule.slot).isNothing && !found.has(rule.slot) {
            guard rule.check == .required || (rule.check == .filled && slots[rule.slot] != nil) else { continue }
            found.add(rule, at: place, silencing: true)
        }
    }

    private func findWrongTypes(_ found: inout FoundProblems) {
        var judged: Set<Slot> = []
        for (place, rule) in rules.enumerated() where value(rule.slot).isOther && judged.insert(rule.slot).inserted {
            let silencing = validation.wrongType == .only
            if let listed = rules.firstIndex(where: { $0.slot == rule.slot && $0.check == .string }) {
                found.add(rules[listed], at: listed, silencing: silencing)
            } else {
                found.add(FieldRule(slot: rule.slot, wireName: rule.wireName, check: .string), at: place, silencing: silencing)
            }
        }
    }

    private func findCheap(_ found: inout FoundProblems, asking world: RuleWorld) {
        for (place, rule) in rules.enumerated() where !rule.check.isDear && !found.isSilent(rule.slot) {
            if fails(rule, asking: world) { found.add(rule, at: place, parameters: parameters(of: rule, today: world.today)) }
        }
    }

    private func findDear(_ found: inout FoundProblems, asking world: RuleWorld) async throws {
        var asked: Set<Question> = []
        for (place, rule) in rules.enumerated() where rule.check.isDear && !found.isSilent(rule.slot) {
            if found.isSettled(before: place) { return }
            guard !value(rule.slot).isNothing, asked.insert(Question(slot: rule.slot, check: rule.check)).inserted else { continue }
            if rule.check != .current, found.has(rule.slot) { continue }
            if try await fails(rule, asking: world) { found.add(rule, at: place) }
        }
    }

    private func fails(_ rule: FieldRule, asking world: RuleWorld) async throws -> Bool {
        // What is no text is nobody's password: nothing to ask, and no guess.
        guard case .text(let text) = value(rule.slot) else { return true }
        switch rule.check {
        case .unique:
            guard let kind = IdentifierKind(slot: rule.slot) else { return false }
            return try await world.isTaken(kind, text)
        case .exists: return try await !world.exists(rule.slot, text)
        case .current: return try await !world.isCurrentPassword(text)
        default: return false
        }
    }

    /// Judges a rule that needs nobody's answer.
    private func fails(_ rule: FieldRule, asking world: RuleWorld) -> Bool {
        let value = value(rule.slot)
        switch rule.check {
        case .same(let other): return !value.equals(self.value(other))
        case .confirmed: return !value.equals(self.value(.passwordConfirmation))
        case .confirmedIfPresent: return failsConfirmation(value)
        default: break
        }
        switch value {
        case .nothing: return false
        case .text(let text), .other(_, let text): return rule.check.fails(text, beside: limits(of: rule.slot), asking: world)
        }
    }

    /// An empty confirmation is there, and differs from every password.
    private func failsConfirmation(_ password: SentValue) -> Bool {
        let confirmation = value(.passwordConfirmation)
        guard case .nothing = confirmation else { return !password.equals(confirmation) }
        return slots[.passwordConfirmation]?.value == .string("") && !password.isNothing
    }

    private func limits(of slot: Slot) -> [Int] {
        rules.compactMap {
            guard $0.slot == slot, case .max(let most) = $0.check else { return nil }
            return most
        }
    }

    private func parameters(of rule: FieldRule, today: Instant) -> [String: Value] {
        switch rule.check {
        case .min(let least): ["min": .int(Int64(least))]
        case .max(let most): ["max": .int(Int64(most))]
        case .oneOf(let values): ["values": .string(values.joined(separator: ", "))]
        case .beforeToday: ["date": .string(today.isoDate)]
        case .after(let date): ["date": .string(date)]
        case .digits(let count): ["digits": .int(Int64(count))]
        case .same(let other): ["other": .string(wireName(of: other))]
        case .confirmed, .confirmedIfPresent: ["other": .string(wireName(of: .passwordConfirmation))]
        case .required, .filled, .string, .email, .pattern, .patterns, .date, .unique, .exists, .current, .uncommon, .assignable: [:]
        }
    }

    private func wireName(of slot: Slot) -> String {
        rules.first { $0.slot == slot }?.wireName ?? slots[slot]?.wireName ?? slot.rawValue
    }

    /// What has been asked of the world already.
    private struct Question: Hashable {
        var slot: Slot
        var check: FieldRule.Check
    }
}

extension FieldRule {
    fileprivate var slotsRead: [Slot] {
        switch check {
        case .same(let other): [slot, other]
        case .confirmed, .confirmedIfPresent: [slot, .passwordConfirmation]
        default: [slot]
        }
    }
}
