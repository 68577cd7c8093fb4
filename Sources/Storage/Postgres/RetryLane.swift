import Dispatch

/// Where those who met a conflict try again, one at a time, so that they do not meet each other.
final class RetryLane: Sendable {
    private let turn = DispatchSemaphore(value: 1)

    /// Blocks its thread until it is its turn, though not for long: then it tries beside the others.
    func inTurn<Result>(_ body: () -> Result) -> Result {
        let isAlone = turn.wait(timeout: .now() + .seconds(1)) == .success
        defer { if isAlone { turn.signal() } }
        return body()
    }
}
