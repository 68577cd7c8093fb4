import Dispatch
import Foundation
import Synchronization

/// Where so many threads wait for each other once; who comes later passes.
///
/// Threads of the stores, never Swift's own.
final class Meeting: Sendable {
    private let count: Int
    private let arrived = Atomic<Int>(0)
    private let full = DispatchSemaphore(value: 0)

    init(_ count: Int) { self.count = count }

    func meet() {
        let number = arrived.wrappingAdd(1, ordering: .sequentiallyConsistent).newValue
        if number == count { for _ in 1..<count { full.signal() } }
        if number < count { _ = full.wait(timeout: .now() + .seconds(10)) }
    }
}

/// Closed until it is opened, and then for good.
final class Gate: Sendable {
    private let opening = DispatchSemaphore(value: 0)

    func open() { opening.signal() }

    /// Returns when it is open; holds no thread of Swift's.
    func opened() async {
        await withCheckedContinuation { continuation in
            Thread { [self] in
                pass()
                continuation.resume()
            }.start()
        }
    }

    func pass() {
        _ = opening.wait(timeout: .now() + .seconds(120))
        opening.signal()
    }
}
