/// Which known name somebody meant who wrote another.
package enum Spelling {
    /// The nearest of the known names, when it is near enough to be meant; of equals the first.
    package static func nearest(to name: String, among known: some Sequence<String>) -> String? {
        let limit = name.unicodeScalars.count <= 4 ? 1 : name.unicodeScalars.count / 3
        var best: (name: String, distance: Int)?
        for candidate in known {
            let distance = distance(folded(name), folded(candidate))
            guard distance <= limit, distance < best?.distance ?? .max else { continue }
            best = (candidate, distance)
        }
        return best?.name
    }

    /// `_`, `-` and letter case are the most frequent slips of all and cost nothing.
    private static func folded(_ name: String) -> [Unicode.Scalar] {
        name.unicodeScalars.map { scalar in
            switch scalar {
            case "_": "-"
            case "A"..."Z": Unicode.Scalar(UInt8(scalar.value) | 0x20)
            default: scalar
            }
        }
    }

    /// Insertions, deletions, replacements and swaps of neighbours that lead from one to the other.
    static func distance(_ a: [Unicode.Scalar], _ b: [Unicode.Scalar]) -> Int {
        guard !a.isEmpty, !b.isEmpty else { return max(a.count, b.count) }
        var before: [Int] = []
        var last = Array(0...b.count)
        for i in 1...a.count {
            var row = [i]
            row.reserveCapacity(b.count + 1)
            for j in 1...b.count {
                var least = min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1))
                if i > 1, j > 1, a[i - 1] == b[j - 2], a[i - 2] == b[j - 1] { least = min(least, before[j - 2] + 1) }
                row.append(least)
            }
            before = last
            last = row
        }
        return last[b.count]
    }
}
