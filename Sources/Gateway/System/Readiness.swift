import Synchronization

/// Whether the process wants new requests.
package final class Readiness: Sendable {
    package enum Phase: Sendable, Hashable { case starting, serving, draining }

    private let state = Mutex(Phase.starting)

    package init() {}

    package var phase: Phase { state.withLock(\.self) }
    var isDraining: Bool { phase == .draining }

    func serve() { state.withLock { if $0 == .starting { $0 = .serving } } }
    func drain() { state.withLock { $0 = .draining } }
}
