import Dispatch
import Foundation
import Synchronization

/// Threads that only read: work that waits for the disk stays off Swift's own few threads.
final class ReaderThreads: Sendable {
    typealias Work = @Sendable () -> Void

    private struct Line {
        var waiting: [Work] = []
        var first = 0
        var isClosed = false

        mutating func next() -> Work? {
            guard first < waiting.count else { return nil }
            defer {
                first += 1
                if first == waiting.count {
                    waiting.removeAll(keepingCapacity: true)
                    first = 0
                } else if first == 1024 {
                    waiting.removeFirst(first)
                    first = 0
                }
            }
            return waiting[first]
        }
    }

    private let line = Mutex(Line())
    private let arrivals = DispatchSemaphore(value: 0)
    private let count: Int

    init(count: Int) {
        self.count = count
        for number in 1...max(1, count) {
            let thread = Thread { [self] in run() }
            thread.name = "store-reader-\(number)"
            thread.start()
        }
    }

    /// False, and never run, once closed.
    func submit(_ work: @escaping Work) -> Bool {
        let isOpen = line.withLock { line in
            guard !line.isClosed else { return false }
            line.waiting.append(work)
            return true
        }
        if isOpen { arrivals.signal() }
        return isOpen
    }

    /// Runs what was submitted and ends the threads.
    func close() {
        let closes = line.withLock { line in
            defer { line.isClosed = true }
            return !line.isClosed
        }
        guard closes else { return }
        for _ in 0..<count { arrivals.signal() }
    }

    private func run() {
        while true {
            arrivals.wait()
            guard let work = line.withLock({ $0.next() }) else { return }
            work()
        }
    }
}
