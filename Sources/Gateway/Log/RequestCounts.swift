import DialectEngine
import Synchronization

/// How many requests were answered, by frontend and status: what `/metrics` shows.
package final class RequestCounts: Sendable {
    struct Key: Hashable, Comparable {
        var frontend: String
        var status: Int

        static func < (a: Key, b: Key) -> Bool { (a.frontend, a.status) < (b.frontend, b.status) }
    }

    private let counts = Mutex<[Key: (requests: Int, time: Duration)]>([:])

    package init() {}

    func count(_ answer: EdgeAnswer, took: Duration) {
        let key = Key(frontend: answer.frontend ?? "", status: answer.response.status)
        counts.withLock { counts in
            let before = counts[key] ?? (0, .zero)
            counts[key] = (before.requests + 1, before.time + took)
        }
    }

    var all: [(key: Key, requests: Int, time: Duration)] {
        counts.withLock { counts in counts.map { ($0.key, $0.value.requests, $0.value.time) } }.sorted { $0.key < $1.key }
    }
}
