import Synchronization

/// The connections and faults of one upstream; a reload finds it again.
final class UpstreamMeter: Sendable {
    let frontend: String
    let name: String
    /// Made or being made, idle ones included.
    let open = Atomic<Int>(0)
    /// Kept for a next request.
    let idle = Atomic<Int>(0)
    private let faults = Mutex<[UpstreamFault: Int]>([:])

    init(frontend: String = "", name: String = "") {
        self.frontend = frontend
        self.name = name
    }

    func count(_ fault: UpstreamFault) { faults.withLock { $0[fault, default: 0] += 1 } }

    func count(of fault: UpstreamFault) -> Int { faults.withLock { $0[fault] ?? 0 } }
}
