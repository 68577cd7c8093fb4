extension Duration {
    /// How far the clocks of instances over one store may be apart.
    static let clockSkew: Duration = .seconds(60)
}

extension Instant {
    /// Whether no right clock can have shown this moment yet: what claims to be of it was written under one that was wrong.
    func isBeyondSkew(at now: Instant) -> Bool { self > now + .clockSkew }
}
