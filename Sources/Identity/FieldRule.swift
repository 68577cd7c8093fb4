/// One check on one slot, in the order in which the dialect lists them.
package struct FieldRule: Sendable, Hashable {
    package var slot: Slot
    /// How errors name the slot, sent or not: the last part of its wire path.
    package var wireName: String
    package var check: Check
    /// The message key, `rules.<name>` unless the dialect says otherwise.
    package var message: String

    package init(slot: Slot, wireName: String, check: Check, message: String? = nil) {
        self.slot = slot
        self.wireName = wireName
        self.check = check
        self.message = message ?? "rules.\(check.name)"
    }

    package enum Check: Sendable, Hashable {
        /// Absent, null and empty fail; nothing else of the slot is then checked.
        case required
        /// If sent, then neither null nor empty.
        case filled
        /// A JSON string. Checked for every slot that has a value, listed or not; listing it chooses its place.
        case string
        /// ASCII, one `@`, both sides non-empty, no whitespace or control; `dotted` asks for a dot in the domain. At most 254 bytes.
        case email(dotted: Bool)
        /// Length in Unicode scalars (code points).
        case min(Int)
        case max(Int)
        case pattern(LinearPattern)
        /// All of them match; one problem if not.
        case patterns([LinearPattern])
        case oneOf([String])
        /// `YYYY-MM-DD` or an ISO date-time; `before` and `after` pass what is not a date.
        case date
        case beforeToday
        case after(String)
        /// Exactly this many ASCII digits.
        case digits(Int)
        /// Equal to another slot.
        case same(Slot)
        /// Equal to `password_confirmation`, which must be there.
        case confirmed
        /// Equal to `password_confirmation` if that is there.
        case confirmedIfPresent
        /// Nobody in the realm has it yet.
        case unique
        /// Somebody in the realm has it.
        case exists
        /// The caller's own current password; counts as a guess.
        case current
        /// Not among the common passwords, where the policy refuses them.
        case uncommon
        /// A role that this caller may give, by the policy's roles.
        case assignable

        package var name: String {
            switch self {
            case .required: "required"
            case .filled: "filled"
            case .string: "string"
            case .email: "email"
            case .min: "min"
            case .max: "max"
            case .pattern, .patterns: "pattern"
            case .oneOf: "one-of"
            case .date: "date"
            case .beforeToday: "before"
            case .after: "after"
            case .digits: "digits"
            case .same: "same"
            case .confirmed, .confirmedIfPresent: "confirmed"
            case .unique: "unique"
            case .exists: "exists"
            case .current: "current"
            case .uncommon: "uncommon"
            case .assignable: "assignable"
            }
        }
    }
}

/// How a route's rules are run and told.
package struct Validation: Sendable, Hashable {
    package enum Order: String, Sendable, Hashable, CaseIterable {
        /// Every slot's rules in one pass; `unique` and `exists` only where the slot has no problem yet.
        case together
        /// First what is missing; if nothing, all other rules; if none fails, `unique` and `exists`.
        case staged
    }
    package enum WrongType: String, Sendable, Hashable, CaseIterable {
        /// A value of another JSON type counts as missing.
        case missing
        /// It fails `string`, and nothing else of the slot speaks.
        case only
        /// It fails `string`, and the rules after it still speak.
        case also
    }
    package enum Report: String, Sendable, Hashable, CaseIterable {
        case all
        /// Only the first problem of the whole request.
        case first
    }

    package var order: Order
    package var wrongType: WrongType
    package var report: Report

    package init(order: Order = .together, wrongType: WrongType = .only, report: Report = .all) {
        self.order = order
        self.wrongType = wrongType
        self.report = report
    }
}

/// A rule that a slot failed, with what its message may mention.
package struct FieldProblem: Sendable, Hashable {
    package var slot: Slot
    package var wireName: String
    /// The rule's name in YAML (`min`, `unique`).
    package var rule: String
    package var message: String
    /// `min`, `max`, `other`, `date`, `digits`: the holes of the rule's message beside `attribute`.
    package var parameters: [String: Value]

    package init(slot: Slot, wireName: String, rule: String, message: String, parameters: [String: Value] = [:]) {
        self.slot = slot
        self.wireName = wireName
        self.rule = rule
        self.message = message
        self.parameters = parameters
    }
}
