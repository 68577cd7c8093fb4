import Identity
import Synchronization

/// The counts of one route at one frontend; made once, so that a request that is counted hashes and allocates nothing.
package final class RouteMeter: Sendable {
    /// The counts of one moment.
    struct Reading: Sendable {
        var statuses: [(status: Int, count: Int)] = []
        var failures: [(kind: FailureKind, count: Int)] = []
        /// How many requests took no longer than each of the bounds, and longer than the one before; the last have none.
        var buckets = [Int](repeating: 0, count: RouteMeter.bounds.count + 1)
        var time = Duration.zero

        var requests: Int { buckets.reduce(0, +) }
    }

    /// Three for each power of ten would be finer than answers are; two are enough to tell a memory from a store, and a store from a hash.
    static let bounds: [Duration] = [
        .microseconds(100), .microseconds(300), .milliseconds(1), .milliseconds(3), .milliseconds(10), .milliseconds(30),
        .milliseconds(100), .milliseconds(300), .seconds(1), .seconds(3), .seconds(10),
    ]

    package let frontend: String
    /// As the dialect names it, never as it was asked for; `-` for what is none.
    package let route: String
    private let record = Mutex(Reading())

    package init(frontend: String, route: String) {
        self.frontend = frontend
        self.route = route
    }

    var reading: Reading { record.withLock(\.self) }

    /// Counts an answer.
    func count(_ status: Int, failure: FailureKind?, took: Duration) {
        let bucket = Self.bucket(took)
        record.withLock { record in
            record.buckets[bucket] += 1
            record.time += took
            if let index = record.statuses.firstIndex(where: { $0.status == status }) {
                record.statuses[index].count += 1
            } else {
                record.statuses.append((status, 1))
            }
            guard let failure else { return }
            if let index = record.failures.firstIndex(where: { $0.kind == failure }) {
                record.failures[index].count += 1
            } else {
                record.failures.append((failure, 1))
            }
        }
    }

    private static func bucket(_ took: Duration) -> Int {
        var index = 0
        while index < bounds.count, took > bounds[index] { index += 1 }
        return index
    }
}
