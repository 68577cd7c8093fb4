import Identity
import Storage

/// Brings what this instance counted to the store, and what the others counted back.
///
/// When the store does not answer, every instance counts for itself; what still matters is brought later.
struct CountCourier {
    /// Of so many callers at once; more follow at once.
    private static let batch = 1000
    let store: SQLStore
    let counters: RequestCounters
    let now: @Sendable () -> Instant
    /// Nil at the beginning, and after a failure: then everything that counts is told anew.
    private var place: CountNews.Place?

    init(store: SQLStore, counters: RequestCounters, now: @escaping @Sendable () -> Instant) {
        (self.store, self.counters, self.now) = (store, counters, now)
    }

    mutating func exchange() async throws {
        var hasMore = true
        while hasMore {
            let counts = counters.take(Self.batch, at: now())
            hasMore = counts.count == Self.batch
            do {
                let news = try await store.exchange(counts, since: place, at: now())
                place = news.place
                // A total of our own was made after it was read what others had added.
                counters.learn(news.others, own: false, at: now())
                counters.learn(news.own, own: true, at: now())
            } catch {
                place = nil
                counters.giveBack(counts)
                throw error
            }
        }
    }
}
