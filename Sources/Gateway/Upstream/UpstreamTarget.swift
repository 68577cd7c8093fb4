import NIOCore
import Synchronization

/// One address of an upstream, and whether it is thought to be down.
///
/// Passive: what requests meet is all that is known. Three connections in a row that could not be made, or five answers in a row that did not
/// come in time, and it rests for 10 s; the first failure after that doubles the rest, up to 60 s; any answer clears it.
final class UpstreamTarget: Sendable {
    enum Failure { case connect, timeout }

    private struct Record {
        var connects = 0
        var timeouts = 0
        var rest = TimeAmount.zero
    }

    static let connectLimit = 3
    static let timeoutLimit = 5
    static let firstRest = TimeAmount.seconds(10)
    static let longestRest = TimeAmount.seconds(60)

    let address: UpstreamAddress
    /// Nil for a name, which is resolved anew for each connection.
    let socketAddress: SocketAddress?
    private let record = Mutex(Record())
    private let hasFailures = Atomic<Bool>(false)
    private let downUntil = Atomic<UInt64>(0)

    init(_ address: UpstreamAddress) {
        self.address = address
        socketAddress = try? SocketAddress(ipAddress: address.host, port: Int(address.port))
    }

    func isDown(at now: NIODeadline) -> Bool { now.uptimeNanoseconds < downUntil.load(ordering: .relaxed) }

    /// An answer's head came.
    func answered() {
        guard hasFailures.load(ordering: .relaxed) else { return }
        record.withLock { $0 = Record() }
        downUntil.store(0, ordering: .relaxed)
        hasFailures.store(false, ordering: .relaxed)
    }

    func failed(_ failure: Failure, at now: NIODeadline) {
        hasFailures.store(true, ordering: .relaxed)
        record.withLock { record in
            // What was under way when it went down says nothing new.
            guard !isDown(at: now) else { return }
            switch failure {
            case .connect: record.connects += 1
            case .timeout: record.timeouts += 1
            }
            guard record.rest > .zero || record.connects >= Self.connectLimit || record.timeouts >= Self.timeoutLimit else { return }
            record.rest = record.rest == .zero ? Self.firstRest : min(record.rest * 2, Self.longestRest)
            downUntil.store((now + record.rest).uptimeNanoseconds, ordering: .relaxed)
        }
    }
}
