/// A moment of the wall clock in whole microseconds since 1970-01-01T00:00:00Z, the form in which stores keep it.
package struct Instant: Sendable, Hashable, Comparable {
    package var microseconds: Int64

    package init(microseconds: Int64) { self.microseconds = microseconds }
    package init(seconds: Int64) { self.microseconds = seconds * 1_000_000 }

    /// Whole seconds since the epoch, rounded down: the form of a JWT's NumericDate.
    package var seconds: Int64 { microseconds >= 0 ? microseconds / 1_000_000 : -((-microseconds + 999_999) / 1_000_000) }

    package static func < (a: Instant, b: Instant) -> Bool { a.microseconds < b.microseconds }
    package static func + (moment: Instant, span: Duration) -> Instant {
        Instant(microseconds: moment.microseconds + span.wholeMicroseconds)
    }
    package static func - (moment: Instant, span: Duration) -> Instant {
        Instant(microseconds: moment.microseconds - span.wholeMicroseconds)
    }
    package static func - (later: Instant, earlier: Instant) -> Duration {
        .microseconds(later.microseconds - earlier.microseconds)
    }
}

extension Duration {
    /// The span in whole microseconds, rounded toward zero.
    package var wholeMicroseconds: Int64 {
        components.seconds * 1_000_000 + components.attoseconds / 1_000_000_000_000
    }

    /// The span in whole seconds, rounded up: what `Retry-After` wants.
    package var secondsRoundedUp: Int64 {
        components.seconds + (components.attoseconds > 0 ? 1 : 0)
    }
}
