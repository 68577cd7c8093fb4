import Synchronization

/// The meters of all routes; a reload finds those that it had.
final class RouteMeters: Sendable {
    private let meters = Mutex<[String: [String: RouteMeter]]>([:])

    /// What belongs to no frontend.
    let nobody = RouteMeter(frontend: "-", route: "-")

    func meter(_ frontend: String, _ route: String) -> RouteMeter {
        meters.withLock { meters in
            if let known = meters[frontend]?[route] { return known }
            let meter = RouteMeter(frontend: frontend, route: route)
            meters[frontend, default: [:]][route] = meter
            return meter
        }
    }

    /// By frontend and route.
    var all: [RouteMeter] {
        let all = meters.withLock { $0.values.flatMap(\.values) }
        return [nobody] + all.sorted { ($0.frontend, $0.route) < ($1.frontend, $1.route) }
    }
}
