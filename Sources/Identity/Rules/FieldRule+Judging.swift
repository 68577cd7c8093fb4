extension FieldRule.Check {
    /// Whether judging it costs a question to the store or the hashing of a password.
    var isDear: Bool {
        switch self {
        case .unique, .exists, .current: true
        default: false
        }
    }

    /// Whether a text fails the check; `limits` are the slot's `max` rules.
    ///
    /// Checks that need more than the text never fail here.
    func fails(_ text: String, beside limits: [Int], asking world: RuleWorld) -> Bool {
        switch self {
        case .email(let dotted): return Self.isNoEmail(text, dotted: dotted, limits: limits)
        case .min(let least): return text.unicodeScalars.count < least
        case .max(let most): return text.unicodeScalars.count > most
        case .pattern(let pattern): return Self.isTooLong(text) || !pattern.matches(text)
        case .patterns(let patterns): return Self.isTooLong(text) || !patterns.allSatisfy { $0.matches(text) }
        case .oneOf(let values): return !values.contains { $0.hasSameBytes(as: text) }
        case .date: return Instant(iso8601: text) == nil
        case .beforeToday: return Self.isNotBefore(text, today: world.today)
        case .after(let bound): return Self.isNotAfter(text, bound: bound)
        case .digits(let count):
            return text.utf8.count != count || !text.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
        case .uncommon: return world.isCommon(text)
        case .assignable: return !world.mayAssign(text)
        case .required, .filled, .string, .same, .confirmed, .confirmedIfPresent, .unique, .exists, .current: return false
        }
    }

    /// A pattern costs its own length for each character, and no field of a form is as long as this.
    private static func isTooLong(_ text: String) -> Bool { text.utf8.count > 16_384 }

    private static func isNoEmail(_ text: String, dotted: Bool, limits: [Int]) -> Bool {
        guard EmailForm.accepts(text, dotted: dotted) else { return true }
        let length = text.utf8.count
        return length > EmailForm.longest && !limits.contains { length > $0 }
    }

    private static func isNotBefore(_ text: String, today: Instant) -> Bool {
        guard let moment = Instant(iso8601: text), let midnight = Instant(date: today.isoDate) else { return false }
        return moment >= midnight
    }

    /// Nothing is after a bound that is no date.
    private static func isNotAfter(_ text: String, bound: String) -> Bool {
        guard let moment = Instant(iso8601: text) else { return false }
        guard let bound = Instant(iso8601: bound) else { return true }
        return moment <= bound
    }
}
