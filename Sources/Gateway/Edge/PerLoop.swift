import NIOCore
import Synchronization

/// What each event loop has of its own, made when it is first asked for there.
final class PerLoop<Value>: Sendable {
    private let values = Mutex<[ObjectIdentifier: NIOLoopBound<Value>]>([:])
    private let make: @Sendable (any EventLoop) -> Value

    init(_ make: @escaping @Sendable (any EventLoop) -> Value) { self.make = make }

    /// To be asked for on the loop.
    func value(on loop: any EventLoop) -> Value {
        let bound = values.withLock { values in
            if let known = values[ObjectIdentifier(loop)] { return known }
            let bound = NIOLoopBound(make(loop), eventLoop: loop)
            values[ObjectIdentifier(loop)] = bound
            return bound
        }
        return bound.value
    }
}
