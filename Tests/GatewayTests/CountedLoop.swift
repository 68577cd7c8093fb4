import Dispatch
import NIOCore
import NIOEmbedded

/// An embedded loop that counts the timers it is asked for; used on the test's thread alone.
final class CountedLoop: EventLoop {
    private let inner: EmbeddedEventLoop
    nonisolated(unsafe) private(set) var scheduled = 0

    init(_ inner: EmbeddedEventLoop) { self.inner = inner }

    var inEventLoop: Bool { inner.inEventLoop }
    var now: NIODeadline { inner.now }

    func execute(_ task: @escaping @Sendable () -> Void) { inner.execute(task) }

    @discardableResult
    func scheduleTask<T>(deadline: NIODeadline, _ task: @escaping @Sendable () throws -> T) -> Scheduled<T> {
        scheduled += 1
        return inner.scheduleTask(deadline: deadline, task)
    }

    @discardableResult
    func scheduleTask<T>(in delay: TimeAmount, _ task: @escaping @Sendable () throws -> T) -> Scheduled<T> {
        scheduled += 1
        return inner.scheduleTask(in: delay, task)
    }

    func preconditionInEventLoop(file: StaticString, line: UInt) { inner.preconditionInEventLoop(file: file, line: line) }

    func shutdownGracefully(queue: DispatchQueue, _ callback: @escaping @Sendable ((any Error)?) -> Void) {
        inner.shutdownGracefully(queue: queue, callback)
    }
}
