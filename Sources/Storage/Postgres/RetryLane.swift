import Dispatch
import Identity

/// Where those who met a conflict try again, one at a time, so that they do not meet each other.
final class RetryLane: Sendable {
    private let turn = DispatchSemaphore(value: 1)

    /// Blocks its thread until it is its turn, though not for long, and never beyond the deadline: then it tries beside the others.
    func inTurn<Result>(before deadline: ContinuousClock.Instant, _ body: () -> Result) -> Result {
        let left = min(1_000_000, max(0, (deadline - .now).wholeMicroseconds))
        let isAlone = turn.wait(timeout: .now() + .microseconds(Int(left))) == .success
        defer { if isAlone { turn.signal() } }
        return body()
    }
}
