/// The names of one object, told apart by their bytes.
///
/// Swift compares strings by canonical equivalence, so "é" written in one scalar equals "é" written in two; on the wire they are two names.
package struct DistinctNames {
    private struct Name: Hashable {
        let string: String

        static func == (a: Name, b: Name) -> Bool { a.string.hasSameBytes(as: b.string) }

        func hash(into hasher: inout Hasher) {
            var string = string
            string.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
        }
    }

    /// Up to this many names a walk over them is faster than hashing.
    private static let few = 12

    private var list: [String] = []
    private var set: Set<Name> = []

    package init() {}

    /// Adds a name; false when it was there.
    package mutating func insert(_ name: String) -> Bool {
        if !set.isEmpty { return set.insert(Name(string: name)).inserted }
        guard !list.contains(where: { $0.hasSameBytes(as: name) }) else { return false }
        list.append(name)
        if list.count > Self.few { set = Set(list.map(Name.init)) }
        return true
    }
}
