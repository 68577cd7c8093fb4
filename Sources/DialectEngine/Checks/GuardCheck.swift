import Identity

/// Every guard can be reached: no native route and no earlier guard takes all that it is for.
struct GuardCheck {
    let guards: [Guard]
    let routes: [Route]
    let findings: Findings

    func run() {
        for (index, guarding) in guards.enumerated() {
            for path in guarding.paths where isNative(path, guarding.methods) {
                findings.error(
                    guarding.place,
                    "`\(path.written)` is a route of this dialect, and routes come before guards: for it this guard is never reached")
            }
            guard let earlier = guards[..<index].first(where: { covers($0, guarding) }) else { continue }
            findings.error(
                guarding.place, "never reached: the guard at \(earlier.place) comes first and matches all of it")
        }
    }

    private func isNative(_ path: GuardPath, _ methods: [String]) -> Bool {
        guard !methods.isEmpty, let shape = path.shape else { return false }
        return methods.allSatisfy { method in
            routes.contains { route in route.methods.contains(method) && route.paths.contains { $0.shape == shape } }
        }
    }

    private func covers(_ earlier: Guard, _ later: Guard) -> Bool {
        guard earlier.methods.isEmpty || !later.methods.isEmpty && Set(later.methods).isSubset(of: earlier.methods) else { return false }
        return !later.paths.isEmpty && later.paths.allSatisfy { path in earlier.paths.contains { $0.covers(path) } }
    }
}

extension GuardPath {
    /// As a route's shape; nil when it ends in any rest.
    fileprivate var shape: String? {
        guard segments.last != .rest else { return nil }
        return written.split(separator: "/").map { $0 == "*" ? "{}" : String($0) }.reduce("") { $0 + "/" + $1 }
    }

    fileprivate var written: String {
        "/"
            + segments.map { segment in
                switch segment {
                case .literal(let word): word
                case .suffixed(let word): word + ".*"
                case .one: "*"
                case .rest: "**"
                case .locale: "{locale}"
                }
            }.joined(separator: "/")
    }

    fileprivate func covers(_ other: GuardPath) -> Bool {
        var theirs = other.segments[...]
        for segment in segments {
            if segment == .rest { return true }
            guard let next = theirs.popFirst() else { return false }
            switch (segment, next) {
            case (.one, .literal), (.one, .suffixed), (.one, .one), (.one, .locale): continue
            default:
                if segment != next { return false }
            }
        }
        return theirs.isEmpty
    }
}
