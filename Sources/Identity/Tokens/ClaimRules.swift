/// What the claims of a believed token must say about time, and which must be there.
///
/// Pure functions of the claims and the moment.
package struct ClaimRules: Sendable, Hashable {
    /// A claim that must be there, and of which kind.
    package struct Requirement: Sendable, Hashable {
        package enum Kind: Sendable, Hashable { case any, string, integer, stringOrInteger, bool, list, object }
        package var name: String
        package var kind: Kind

        package init(_ name: String, _ kind: Kind = .any) {
            self.name = name
            self.kind = kind
        }
    }

    /// When a token counts, by its own claims.
    package struct Times: Sendable, Hashable {
        package var expiresAt: Instant
        /// Nil when the token does not say.
        package var issuedAt: Instant?
        /// The later of `nbf` and `iat`; nil when the token says neither.
        package var startsAt: Instant?
    }

    /// How far the clock of whoever signed may be ahead; 0 to 60 s.
    package var leeway: Duration
    /// How far ahead `exp` may lie, leeway apart.
    package var maximumLifetime: Duration
    /// For `checkRequired`; `exp` must be there in any case.
    package var required: [Requirement]

    package init(leeway: Duration, maximumLifetime: Duration, required: [Requirement] = []) {
        self.leeway = leeway
        self.maximumLifetime = maximumLifetime
        self.required = required
    }

    /// Reads the times among an object's claims and judges those that lie in the future; whether the token has expired is the caller's to
    /// say, by `expiresAt` and without leeway.
    ///
    /// `exp`, `nbf` and `iat` are plain integers of seconds (no fraction, exponent or text).
    ///
    /// - Throws: the shape's faults first, then `notYetValid`.
    package func times(_ claims: Value, now: Instant) throws(ClaimFault) -> Times {
        let expiry = try seconds(claims, "exp")
        let notBefore = try seconds(claims, "nbf")
        let issued = try seconds(claims, "iat")
        guard let expiry else { throw .missing("exp") }
        let times = Times(expiresAt: expiry, issuedAt: issued, startsAt: Self.later(notBefore, issued))
        guard hasBegun(times, at: now) else { throw .notYetValid }
        return times
    }

    /// Whether neither `nbf` nor `iat` lies ahead by more than the leeway.
    package func hasBegun(_ times: Times, at now: Instant) -> Bool { times.startsAt.map { $0 <= now + leeway } ?? true }

    /// Whether `exp` lies farther ahead than a token of this kind lives.
    package func isTooFarAhead(_ times: Times, at now: Instant) -> Bool { times.expiresAt > now + leeway + maximumLifetime }

    /// Judges what else must be there, at any time: null is no value of any kind.
    ///
    /// - Throws: `missing` or `wrongType` for the first claim that fails.
    package func checkRequired(_ claims: Value) throws(ClaimFault) {
        for requirement in required {
            guard let value = claims[requirement.name] else { throw .missing(requirement.name) }
            guard requirement.kind.admits(value) else { throw .wrongType(requirement.name) }
        }
    }

    private static func later(_ one: Instant?, _ other: Instant?) -> Instant? {
        guard let one, let other else { return one ?? other }
        return max(one, other)
    }

    private func seconds(_ claims: Value, _ name: String) throws(ClaimFault) -> Instant? {
        guard let value = claims[name] else { return nil }
        guard let seconds = value.int else { throw .wrongType(name) }
        // Within 140 000 years of the epoch every sum with a span still fits; beyond, the verdict is the same.
        let farthest: Int64 = 4_000_000_000_000
        return Instant(seconds: min(max(seconds, -farthest), farthest))
    }
}

extension ClaimRules.Requirement.Kind {
    fileprivate func admits(_ value: Value) -> Bool {
        switch (self, value) {
        case (_, .null): false
        case (.any, _), (.string, .string), (.integer, .int), (.stringOrInteger, .string), (.stringOrInteger, .int), (.bool, .bool),
            (.list, .list), (.object, .object):
            true
        default: false
        }
    }
}
