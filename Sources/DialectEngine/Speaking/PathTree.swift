/// Paths by their segments: what a path finds costs its segments, not the number of patterns.
///
/// Of several patterns that fit, literals come before the locale's place, that before a parameter, that before any rest.
struct PathTree<Leaf: Sendable>: Sendable {
    struct Find: Sendable {
        var leaf: Leaf
        var locale: String?
        /// The position of a segment that stands where a locale belongs and is none.
        var strayLocale: Int?
    }

    private struct Node: Sendable {
        var literals: [String: Int] = [:]
        /// By what stands before the dot.
        var suffixed: [String: Int] = [:]
        var locale: Int?
        var one: Int?
        var leaves: [Leaf] = []
        /// Those that take whatever follows.
        var rests: [Leaf] = []
    }

    private var nodes = [Node()]
    private let languages: Set<String>

    init(languages: [String]) { self.languages = Set(languages) }

    mutating func insert(_ steps: [PathStep], _ leaf: Leaf) {
        var at = 0
        for step in steps {
            switch step {
            case .literal(let name): at = child(of: at, get: { $0.literals[name] }, set: { $0.literals[name] = $1 })
            case .suffixed(let name): at = child(of: at, get: { $0.suffixed[name] }, set: { $0.suffixed[name] = $1 })
            case .locale: at = child(of: at, get: { $0.locale }, set: { $0.locale = $1 })
            case .one: at = child(of: at, get: { $0.one }, set: { $0.one = $1 })
            case .rest: return nodes[at].rests.append(leaf)
            }
        }
        nodes[at].leaves.append(leaf)
    }

    /// All that fit, the most literal first.
    func finds(_ segments: [Substring], strayLocales: Bool = false) -> [Find] {
        var finds: [Find] = []
        walk(0, segments, 0, Trail(strays: strayLocales), &finds)
        return finds
    }

    private struct Trail {
        var strays: Bool
        var locale: String?
        var strayLocale: Int?
    }

    private func walk(_ node: Int, _ segments: [Substring], _ at: Int, _ trail: Trail, _ finds: inout [Find]) {
        func found(_ leaf: Leaf) -> Find { Find(leaf: leaf, locale: trail.locale, strayLocale: trail.strayLocale) }
        // A node is never taken out of its place: a copy of it would count references.
        if at == segments.count {
            for leaf in nodes[node].leaves { finds.append(found(leaf)) }
        } else {
            let segment = segments[at]
            if !nodes[node].literals.isEmpty, let next = nodes[node].literals[String(segment)] {
                walk(next, segments, at + 1, trail, &finds)
            }
            if !nodes[node].suffixed.isEmpty, let dot = segment.utf8.firstIndex(of: UInt8(ascii: ".")),
                let next = nodes[node].suffixed[String(segment[..<dot])]
            {
                walk(next, segments, at + 1, trail, &finds)
            }
            if let next = nodes[node].locale {
                var trail = trail
                if languages.contains(String(segment)) {
                    trail.locale = String(segment)
                    walk(next, segments, at + 1, trail, &finds)
                } else if trail.strays, Self.isTwoLetters(segment) {
                    trail.strayLocale = at
                    walk(next, segments, at + 1, trail, &finds)
                }
            }
            if let next = nodes[node].one, !segment.isEmpty { walk(next, segments, at + 1, trail, &finds) }
        }
        for leaf in nodes[node].rests { finds.append(found(leaf)) }
    }

    private mutating func child(of node: Int, get: (Node) -> Int?, set: (inout Node, Int) -> Void) -> Int {
        if let known = get(nodes[node]) { return known }
        nodes.append(Node())
        set(&nodes[node], nodes.count - 1)
        return nodes.count - 1
    }

    private static func isTwoLetters(_ segment: Substring) -> Bool {
        segment.utf8.count == 2 && segment.utf8.allSatisfy { ($0 | 0x20) >= UInt8(ascii: "a") && ($0 | 0x20) <= UInt8(ascii: "z") }
    }
}
