import Identity

/// No two routes answer the same request, and no two have one name.
struct RouteCheck {
    let routes: [Route]
    let findings: Findings

    func run() {
        var served: [String: [Int]] = [:]
        var names: [String: Place] = [:]
        for (index, route) in routes.enumerated() {
            if let other = names[route.name] {
                findings.error(route.place, "the route `\(route.name)` stands at \(other) already")
            }
            names[route.name] = route.place
            var own: Set<String> = []
            for method in route.methods {
                for path in route.paths {
                    let key = method + " " + path.shape
                    guard own.insert(key).inserted else {
                        findings.error(route.place, "this route is served at `\(key)` twice: see its paths and aliases")
                        continue
                    }
                    for other in served[key] ?? [] where routes[other].name != route.name && !areTold(route, routes[other]) {
                        findings.error(
                            route.place, "`\(key)` is served at \(routes[other].place) already, and no `when` tells the two apart")
                    }
                    served[key, default: []].append(index)
                }
            }
        }
    }

    /// Two routes of one path are told apart when they want different words from one source, or one wants something more than the other.
    private func areTold(_ a: Route, _ b: Route) -> Bool {
        let mine = Set(a.discriminators)
        let theirs = Set(b.discriminators)
        if mine.contains(where: { my in theirs.contains { $0.source == my.source && $0.literal != my.literal } }) { return true }
        return mine != theirs && (mine.isSubset(of: theirs) || theirs.isSubset(of: mine))
    }
}

extension PathPattern {
    /// The path with its parameters' names forgotten: what two routes must not share.
    var shape: String {
        "/"
            + segments.map { segment in
                switch segment {
                case .literal(let word): word
                case .parameter: "{}"
                case .locale: "{locale}"
                }
            }.joined(separator: "/")
    }
}
