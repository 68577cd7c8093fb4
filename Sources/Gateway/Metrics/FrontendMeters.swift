import DialectEngine

/// The meters that a frontend needs, looked up once.
struct FrontendMeters: Sendable {
    /// What is no route: unknown paths, and what never became a request.
    let none: RouteMeter
    let preflight: RouteMeter
    let keySet: RouteMeter
    /// Questions of other proxies that name no guarded request.
    let authorize: RouteMeter
    private let routes: [String: RouteMeter]
    private let guards: [String: (passing: RouteMeter, asking: RouteMeter)]

    init(_ frontend: String, _ dialect: Dialect, _ meters: RouteMeters) {
        none = meters.meter(frontend, "-")
        preflight = meters.meter(frontend, "preflight")
        keySet = meters.meter(frontend, "jwks")
        authorize = meters.meter(frontend, "authorize")
        routes = dialect.routes.reduce(into: [:]) { $0[$1.name] = meters.meter(frontend, $1.name) }
        guards = dialect.guards.reduce(into: [:]) { guards, gate in
            guards[gate.name] = (meters.meter(frontend, "guard \(gate.name)"), meters.meter(frontend, "authorize \(gate.name)"))
        }
    }

    func route(_ name: String) -> RouteMeter { routes[name] ?? none }

    /// `isAsked`: another proxy asks, and nothing is forwarded.
    func gate(_ name: String, isAsked: Bool) -> RouteMeter {
        guard let (passing, asking) = guards[name] else { return none }
        return isAsked ? asking : passing
    }
}
