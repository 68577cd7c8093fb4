import Identity
import Synchronization

/// Everything that is counted, for as long as the process lives.
final class Meters: Sendable {
    private struct State {
        var upstreams: [UpstreamMeter] = []
        var events: [EventMeter] = []
        var listeners: [ListenerMeter] = []
    }

    let routes = RouteMeters()
    let principals = MemoryMeter()
    private let state = Mutex(State())

    var upstreams: [UpstreamMeter] { state.withLock(\.upstreams).sorted { ($0.frontend, $0.name) < ($1.frontend, $1.name) } }
    var events: [EventMeter] { state.withLock(\.events).sorted { $0.frontend < $1.frontend } }
    /// In the order in which they were opened.
    var listeners: [ListenerMeter] { state.withLock(\.listeners) }

    func upstream(_ frontend: String, _ name: String) -> UpstreamMeter {
        state.withLock { state in
            if let known = state.upstreams.first(where: { $0.frontend == frontend && $0.name == name }) { return known }
            let meter = UpstreamMeter(frontend: frontend, name: name)
            state.upstreams.append(meter)
            return meter
        }
    }

    func events(of frontend: String) -> EventMeter {
        state.withLock { state in
            if let known = state.events.first(where: { $0.frontend == frontend }) { return known }
            let meter = EventMeter(frontend: frontend)
            state.events.append(meter)
            return meter
        }
    }

    func add(_ listener: ListenerMeter) { state.withLock { $0.listeners.append(listener) } }
}
