/// One check on one slot.
///
/// A dialect lists them, and in its order problems are told, over all slots.
///
/// A slot has a value unless it is absent, null or the empty string. Without one, only `required`, `filled`, `same` and `confirmed` speak.
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
        /// Without a value it fails, and nothing else of the slot is checked.
        case required
        /// As `required`, but only if it was sent: absent passes, null and empty fail.
        case filled
        /// A JSON string. Checked for every slot that has rules and a value; listing it chooses its place, else it is the slot's first.
        case string
        /// One address in the form that `EmailForm` describes; `dotted` asks for a dot in the domain. At most 254 bytes, but a longer one
        /// that fails the slot's own `max` is left to that.
        case email(dotted: Bool)
        /// Length in Unicode scalars (code points).
        case min(Int)
        case max(Int)
        /// A text of more than 16 KiB matches none.
        case pattern(LinearPattern)
        /// All of them match; one problem if not.
        case patterns([LinearPattern])
        /// Byte for byte one of these.
        case oneOf([String])
        /// `YYYY-MM-DD` or an ISO 8601 date-time, by default in UTC.
        case date
        /// Before the first moment of today in UTC. Passes what is not a date, as `after` does: `date` tells that.
        case beforeToday
        case after(String)
        /// Exactly this many ASCII digits.
        case digits(Int)
        /// Equal to another slot, byte for byte; both may be without a value.
        case same(Slot)
        /// `same` as `password_confirmation`.
        case confirmed
        /// `same` as `password_confirmation` if that is there; an empty string is there, but null is not.
        case confirmedIfPresent
        /// Nobody else in the realm has it yet. For the slots `email`, `username` and `phone`.
        case unique
        /// Somebody in the realm has it. For these and `identifier`.
        case exists
        /// The caller's own current password; each time it is judged counts as a guess.
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
        /// All rules of all slots; `unique` and `exists` only where the slot has no other problem, also of a rule listed behind them.
        case together
        /// First `required` and `filled`; if they find nothing, all other rules; if none fails, `unique`, `exists` and `current`.
        case staged
    }
    package enum WrongType: String, Sendable, Hashable, CaseIterable {
        /// A value of another JSON type counts as none.
        case missing
        /// It fails `string`, and nothing else of the slot speaks.
        case only
        /// It fails `string`, and the slot's other rules still speak, of its JSON text: the number 5 is a text of one digit.
        case also
    }
    package enum Report: String, Sendable, Hashable, CaseIterable {
        case all
        /// Only the first problem of the whole request, in the order of the rules.
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
    /// `min`, `max`, `other` (a wire name), `date`, `digits`, `values`: the holes of the rule's message beside `attribute`.
    ///
    /// Never what was sent.
    package var parameters: [String: Value]

    package init(slot: Slot, wireName: String, rule: String, message: String, parameters: [String: Value] = [:]) {
        self.slot = slot
        self.wireName = wireName
        self.rule = rule
        self.message = message
        self.parameters = parameters
    }
}
