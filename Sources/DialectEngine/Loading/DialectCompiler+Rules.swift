import Identity

extension DialectCompiler {
    func readRules(_ node: YAMLNode, _ slots: [SlotSource], _ validation: Validation) -> [FieldRule] {
        var placed: [(rule: FieldRule, place: Place)] = []
        for (slot, name, place) in ruleEntries(node["rules"]) {
            guard let source = slots.first(where: { $0.slot == Slot(slot) }) else {
                findings.unknown("slot of this route", slot, at: place, known: slots.map(\.slot.rawValue))
                continue
            }
            placed += checks(name, for: source, used: []).map { ($0.rule, $0.place) }
        }
        for (rule, place) in placed { checkPartner(rule, slots, place) }
        let rules = placed.map(\.rule)
        if validation.wrongType != .missing, let place = node["rules"]?.place,
            rules.contains(where: { rule in rule.check.name != "string" && slots.contains { $0.slot == rule.slot && $0.judgesType } })
        {
            checkMessage("rules.string", at: place, in: ruleScope(.string))
        }
        return rules
    }

    /// Each slot with one item of its rules, in the order written.
    private func ruleEntries(_ node: YAMLNode?) -> [(slot: String, rule: YAMLNode, place: Place)] {
        let entries = node?.entries ?? (node?.items ?? []).flatMap { $0.entries ?? [] }
        return entries.flatMap { entry in
            (entry.value.items ?? [entry.value]).map { (entry.key, $0, entry.keyPlace) }
        }
    }

    private func checks(_ node: YAMLNode, for source: SlotSource, used: [String]) -> [(rule: FieldRule, place: Place)] {
        if let word = node["use"], let name = word.text {
            guard let list = ruleLists[name]?.items else {
                findings.unknown("list of `rules`", name, at: word.place, known: ruleLists.keys.sorted())
                return []
            }
            guard !used.contains(name) else {
                findings.error(word.place, "the rules `\(name)` use themselves")
                return []
            }
            if (node.entries?.count ?? 0) > 1 { findings.error(node.place, "`use` stands alone") }
            return list.flatMap { checks($0, for: source, used: used + [name]) }
        }
        guard let check = check(node) else { return [] }
        let key = message(of: check, node)
        return [(FieldRule(slot: source.slot, wireName: source.wireName, check: check, message: key), node.place)]
    }

    private func message(of check: FieldRule.Check, _ node: YAMLNode) -> String {
        if let say = node["say"], let key = say.text {
            checkMessage(key, at: say.place, in: ruleScope(check))
            return key
        }
        let key = "rules.\(check.name)"
        if messagePlaces[key] == nil, !messagePlaces.isEmpty {
            findings.error(
                node.place, "the rule `\(check.name)` has no words: `\(key)` is not in `locales/`, and no `say` stands beside it")
        } else {
            checkMessage(key, at: node.place, in: ruleScope(check))
        }
        return key
    }

    private func ruleScope(_ check: FieldRule.Check) -> ReferenceScope {
        ReferenceScope(kind: .rule, what: "the rule `\(check.name)`", parameters: check.parameterNames.union(["attribute"]))
    }

    private func check(_ node: YAMLNode) -> FieldRule.Check? {
        if let name = node.text { return plain(name) }
        let keys = (node.entries ?? []).filter { $0.key != "say" }
        guard keys.count == 1, let key = keys.first else {
            findings.error(node.place, "an item of `rules` is one rule, with `say` beside it or not")
            return nil
        }
        let value = key.value
        switch key.key {
        case "email": return .email(dotted: value.text == "dotted")
        case "min": return value.text.flatMap(Scalars.int).map(FieldRule.Check.min)
        case "max": return value.text.flatMap(Scalars.int).map(FieldRule.Check.max)
        case "pattern": return pattern(value).map(FieldRule.Check.pattern)
        case "patterns": return .patterns((value.items ?? []).compactMap(pattern))
        case "one-of": return .oneOf(value.items?.compactMap(\.text) ?? [])
        case "before": return .beforeToday
        case "after": return date(value)
        case "digits": return value.text.flatMap(Scalars.int).map(FieldRule.Check.digits)
        case "same": return value.text.map { .same(Slot($0)) }
        case "confirmed": return value.text == "if-present" ? .confirmedIfPresent : .confirmed
        default: return plain(key.key)
        }
    }

    private func plain(_ name: String) -> FieldRule.Check? {
        switch name {
        case "required": .required
        case "filled": .filled
        case "string": .string
        case "email": .email(dotted: false)
        case "date": .date
        case "confirmed": .confirmed
        case "unique": .unique
        case "exists": .exists
        case "current": .current
        case "uncommon": .uncommon
        case "assignable": .assignable
        default: nil
        }
    }

    private func pattern(_ node: YAMLNode) -> LinearPattern? {
        guard let text = node.text else { return nil }
        do {
            return try LinearPattern(text)
        } catch {
            findings.error(node.place, "no pattern that can be matched in linear time: \(error.reason)")
            return nil
        }
    }

    private func date(_ node: YAMLNode) -> FieldRule.Check? {
        guard let text = node.text else { return nil }
        let form = try? LinearPattern("^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$")
        guard form?.matches(text) ?? false else {
            findings.error(node.place, "`\(text)` is no date like 1900-01-31")
            return nil
        }
        return .after(text)
    }

    /// What a rule reads or is about must be there.
    private func checkPartner(_ rule: FieldRule, _ slots: [SlotSource], _ place: Place) {
        let partner: Slot? =
            switch rule.check {
            case .same(let slot): slot
            case .confirmed, .confirmedIfPresent: .passwordConfirmation
            default: nil
            }
        if let partner, !slots.contains(where: { $0.slot == partner }) {
            findings.error(
                place, "`\(rule.check.name)` of `\(rule.slot)` compares with the slot `\(partner)`, which this route does not take")
        }
        let identifiers = IdentifierKind.allCases.map(\.slot)
        switch rule.check {
        case .unique where !identifiers.contains(rule.slot), .exists where !(identifiers + [.identifier]).contains(rule.slot):
            findings.error(place, "`\(rule.check.name)` is for identifiers, and `\(rule.slot)` is none")
        case .current where rule.slot != .currentPassword:
            findings.error(place, "`current` is for the slot `current_password`")
        case .assignable where rule.slot != .role:
            findings.error(place, "`assignable` is for the slot `role`")
        case .confirmed where rule.slot != .password, .confirmedIfPresent where rule.slot != .password:
            findings.error(place, "`confirmed` is for the slot `password`; for others there is `same`")
        default: break
        }
    }
}

extension FieldRule.Check {
    /// The parameters of its message beside `attribute`.
    fileprivate var parameterNames: Set<String> {
        switch self {
        case .min: ["min"]
        case .max: ["max"]
        case .oneOf: ["values"]
        case .beforeToday, .after: ["date"]
        case .digits: ["digits"]
        case .same, .confirmed, .confirmedIfPresent: ["other"]
        case .required, .filled, .string, .email, .pattern, .patterns, .date, .unique, .exists, .current, .uncommon, .assignable: []
        }
    }
}

extension SlotSource {
    /// Whether a value of another JSON type can come in and be told.
    fileprivate var judgesType: Bool {
        !lenient && sources.contains { if case .body = $0 { true } else { false } }
    }
}
