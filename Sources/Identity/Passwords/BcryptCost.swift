/// The base-2 logarithm of bcrypt's rounds, 4...31; each step doubles the time.
///
/// 12 takes about 0.2 s of one core.
struct BcryptCost: Sendable, Hashable, Comparable {
    let exponent: Int

    /// Takes the exponent; nil unless it is within 4...31.
    init?(_ exponent: Int) {
        guard (4...31).contains(exponent) else { return nil }
        self.exponent = exponent
    }

    /// Takes the scheme's cost, moved into 4...31 if it is outside.
    init(_ scheme: PasswordScheme) {
        exponent = min(max(scheme.cost, 4), 31)
    }

    static func < (a: BcryptCost, b: BcryptCost) -> Bool { a.exponent < b.exponent }

    /// Roughly the time of one hash on one core, for answers of "try again after".
    var estimate: Duration { .microseconds(50 << Int64(exponent)) }
}

/// The spelling of bcrypt's version in a stored hash; all three are verified alike, one is chosen for writing.
enum BcryptPrefix: String, Sendable, Hashable {
    case a = "2a"
    case b = "2b"
    case y = "2y"

    /// Takes the scheme's variant; `2b` when it is none of the three.
    init(_ scheme: PasswordScheme) {
        self = BcryptPrefix(rawValue: scheme.variant) ?? .b
    }
}
