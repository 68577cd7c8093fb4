import Identity

/// Which route or guard a method and a path belong to, made once from a dialect.
///
/// Paths are compared as they are: segment by segment, case and all; `/x/` is another path than `/x`. `HEAD` is answered by the `GET` of
/// its path. An upstream may take `/X/` for `/x`, so guards are looked for in both forms, and the first in the file's order judges.
package struct RouteTable: Sendable {
    package enum Match: Sendable {
        /// `parameters` are decoded; `locale` is the language that the path names.
        case native(Route, parameters: [String: String], locale: String?)
        case guarded(Guard, locale: String?)
        /// The path is known, the method is not; these are.
        case methodNotAllowed([String], locale: String?)
        /// A language that is not spoken stands in the path; without it the path is known.
        case unknownLocale(path: String)
        case notFound
    }

    /// A route whose path fits.
    struct Candidate: Sendable {
        var route: Route
        var parameters: [String: String]
        var locale: String?
    }

    private struct Native: Sendable {
        var route: Int
        var segments: [PathPattern.Segment]
    }

    private let routes: [Route]
    private let guards: [Guard]
    private let natives: PathTree<Native>
    private let gates: PathTree<Int>
    /// Of the guards that ask who is calling, in lower case.
    private let foldedGates: PathTree<Int>
    /// A path in lower case may be another than a guard's.
    private let gatesHaveCapitals: Bool

    package init(routes: [Route], guards: [Guard], languages: [String]) {
        var natives = PathTree<Native>(languages: languages)
        for (index, route) in routes.enumerated() {
            for path in route.paths {
                natives.insert(path.segments.map(\.step), Native(route: index, segments: path.segments))
            }
        }
        var gates = PathTree<Int>(languages: languages)
        var foldedGates = PathTree<Int>(languages: languages.map { $0.loweringASCII() })
        var gatesHaveCapitals = false
        for (index, gate) in guards.enumerated() {
            for steps in gate.paths.map({ $0.segments.map(\.step) }) {
                gates.insert(steps, index)
                let folded = steps.map(\.folded)
                gatesHaveCapitals = gatesHaveCapitals || folded != steps
                // In another form than it is written a guard opens nothing.
                if gate.allow != .anyone, !gate.foreignKeys { foldedGates.insert(folded, index) }
            }
        }
        self.routes = routes
        self.guards = guards
        self.natives = natives
        self.gates = gates
        self.foldedGates = foldedGates
        self.gatesHaveCapitals = gatesHaveCapitals
    }

    package init(_ dialect: Dialect) {
        self.init(routes: dialect.routes, guards: dialect.guards, languages: dialect.languages.supported)
    }

    /// Finds what answers; `holds` judges the conditions that tell two routes of one path apart.
    package func match(method: String, path: String, holds: (Discriminator) -> Bool = { _ in false }) -> Match {
        guard let segments = Self.segments(of: path) else { return .notFound }
        let candidates = candidates(segments)
        if let found = Self.route(method, among: candidates, holds: holds) {
            return .native(found.route, parameters: found.parameters, locale: found.locale)
        }
        if let judging = judging(method, segments) { return .guarded(guards[judging.leaf], locale: judging.locale) }

        let gates = Self.finds(segments, in: self.gates)
        let known = candidates.map(\.route.methods) + gates.sorted { $0.leaf < $1.leaf }.map { guards[$0.leaf].methods }
        let allowed = Self.union(known)
        if !allowed.isEmpty, !Self.passes(method, allowed) {
            return .methodNotAllowed(allowed, locale: candidates.first?.locale ?? gates.first?.locale)
        }
        return stray(segments) ?? .notFound
    }

    /// The guard of a request that no route of the dialect's own could answer, whatever its body says.
    func guarded(method: String, path: String) -> (gate: Guard, locale: String?)? {
        guard let segments = Self.segments(of: path) else { return nil }
        for find in natives.finds(segments) {
            let route = routes[find.leaf.route]
            guard !route.methods.contains(where: { $0 == method || method == "HEAD" && $0 == "GET" }),
                method != "POST" || route.methodField == nil
            else { return nil }
        }
        return judging(method, segments).map { (guards[$0.leaf], $0.locale) }
    }

    /// The guard of a path that any guard covers as it is: an earlier one that covers it in other letter case, or else that one.
    private func judging(_ method: String, _ segments: [Substring]) -> PathTree<Int>.Find? {
        guard let exact = passing(method, Self.finds(segments, in: gates)) else { return nil }
        guard exact.leaf > 0, gatesHaveCapitals || segments.contains(where: Self.hasCapitals) else { return exact }
        let folded = segments.map { Substring(String($0).loweringASCII()) }
        guard let earlier = passing(method, Self.finds(folded, in: foldedGates)), earlier.leaf < exact.leaf else { return exact }
        return PathTree.Find(leaf: earlier.leaf, locale: exact.locale)
    }

    private static func hasCapitals(_ segment: Substring) -> Bool { segment.utf8.contains { (0x41...0x5A).contains($0) } }

    /// Guards that cover a path cover it with a slash at its end as well: many servers take the two for one.
    private static func finds(_ segments: [Substring], in gates: PathTree<Int>) -> [PathTree<Int>.Find] {
        guard segments.count > 1, segments.last?.isEmpty == true else { return gates.finds(segments) }
        return gates.finds(segments) + gates.finds(segments.dropLast())
    }

    /// The file's order decides between guards, not how literal their paths are.
    private func passing(_ method: String, _ gates: [PathTree<Int>.Find]) -> PathTree<Int>.Find? {
        var first: PathTree<Int>.Find?
        for find in gates where find.leaf < first?.leaf ?? .max && Self.passes(method, guards[find.leaf].methods) { first = find }
        return first
    }

    /// The routes of this path that a form may ask for by a field.
    func overridable(path: String) -> [Candidate] {
        guard let segments = Self.segments(of: path) else { return [] }
        return candidates(segments).filter { $0.route.methodField != nil }
    }

    private func candidates(_ segments: [Substring]) -> [Candidate] {
        natives.finds(segments).map { find in
            var parameters: [String: String] = [:]
            for (pattern, segment) in zip(find.leaf.segments, segments) {
                if case .parameter(let name) = pattern { parameters[name] = PercentEncoding.decoded(segment) }
            }
            return Candidate(route: routes[find.leaf.route], parameters: parameters, locale: find.locale)
        }
    }

    /// The path without a segment that stands in a language's place.
    private func stray(_ segments: [Substring]) -> Match? {
        let position =
            natives.finds(segments, strayLocales: true).lazy.compactMap(\.strayLocale).first
            ?? gates.finds(segments, strayLocales: true).lazy.compactMap(\.strayLocale).first
        guard let position else { return nil }
        var rest = segments
        rest.remove(at: position)
        return .unknownLocale(path: "/" + rest.joined(separator: "/"))
    }

    /// The first route whose conditions hold; one without conditions only where none with them does.
    private static func route(_ method: String, among candidates: [Candidate], holds: (Discriminator) -> Bool) -> Candidate? {
        for asked in method == "HEAD" ? ["HEAD", "GET"] : [method] {
            let able = candidates.filter { $0.route.methods.contains(asked) }
            let told = able.first { !$0.route.discriminators.isEmpty && $0.route.discriminators.allSatisfy(holds) }
            if let found = told ?? able.first(where: { $0.route.discriminators.isEmpty }) { return found }
        }
        return nil
    }

    private static func passes(_ method: String, _ methods: [String]) -> Bool {
        methods.isEmpty || methods.contains(method) || (method == "HEAD" && methods.contains("GET"))
    }

    /// Each method once, `HEAD` behind its `GET`.
    private static func union(_ lists: [[String]]) -> [String] {
        var union: [String] = []
        for method in lists.joined() {
            if !union.contains(method) { union.append(method) }
            if method == "GET", !union.contains("HEAD") { union.append("HEAD") }
        }
        return union
    }

    private static func segments(of path: String) -> [Substring]? {
        guard path.utf8.first == UInt8(ascii: "/") else { return nil }
        var rest = path.dropFirst()
        guard !rest.isEmpty else { return [] }
        var segments: [Substring] = []
        segments.reserveCapacity(8)
        while let slash = rest.utf8.firstIndex(of: UInt8(ascii: "/")) {
            segments.append(rest[..<slash])
            rest = rest[path.utf8.index(after: slash)...]
        }
        return segments + [rest]
    }
}
