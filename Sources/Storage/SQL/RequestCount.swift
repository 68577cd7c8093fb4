package import Identity

/// How many requests one caller made in a window of one limit: all of them, or what one instance adds.
package struct RequestCount: Sendable, Hashable {
    package var frontend: String
    package var limit: String
    /// A network, or a digest.
    package var caller: String
    package var hits: Int
    package var startedAt: Instant
    package var endsAt: Instant

    package init(frontend: String, limit: String, caller: String, hits: Int, startedAt: Instant, endsAt: Instant) {
        self.frontend = frontend
        self.limit = limit
        self.caller = caller
        self.hits = hits
        self.startedAt = startedAt
        self.endsAt = endsAt
    }
}

/// What an instance learns when it brings its counts.
package struct CountNews: Sendable {
    /// Up to where it has been told what others counted.
    package struct Place: Sendable, Hashable {
        let snapshot: String
        /// The transaction of its own last counts, which need not be told; 0 for none.
        let own: Int64
    }

    /// Totals that others raised, and then those that it raised itself.
    package var others: [RequestCount]
    package var own: [RequestCount]
    package var place: Place
}
