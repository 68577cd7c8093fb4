/// A set of Unicode scalars, kept as sorted ranges that do not touch.
struct ScalarSet: Sendable, Hashable {
    private let ranges: [ClosedRange<UInt32>]
    /// The set's part in ASCII, one bit each: most texts never leave it.
    private let ascii: (low: UInt64, high: UInt64)

    init(_ ranges: [ClosedRange<UInt32>]) {
        var merged: [ClosedRange<UInt32>] = []
        for range in ranges.sorted(by: { $0.lowerBound < $1.lowerBound }) {
            guard let last = merged.last, range.lowerBound <= last.upperBound + 1 else {
                merged.append(range)
                continue
            }
            merged[merged.count - 1] = last.lowerBound...max(last.upperBound, range.upperBound)
        }
        self.ranges = merged
        var bits: (low: UInt64, high: UInt64) = (0, 0)
        for range in merged where range.lowerBound < 128 {
            for code in range.lowerBound...min(range.upperBound, 127) {
                if code < 64 { bits.low |= 1 << UInt64(code) } else { bits.high |= 1 << UInt64(code - 64) }
            }
        }
        ascii = bits
    }

    init(_ scalar: Unicode.Scalar) { self.init([scalar.value...scalar.value]) }

    static let digits = ScalarSet([0x30...0x39])
    static let word = ScalarSet([0x30...0x39, 0x41...0x5A, 0x5F...0x5F, 0x61...0x7A])
    static let space = ScalarSet([0x09...0x0D, 0x20...0x20])
    static let allButLineFeed = ScalarSet([0x0A...0x0A]).inverted

    var inverted: ScalarSet {
        var gaps: [ClosedRange<UInt32>] = []
        var next: UInt32 = 0
        for range in ranges {
            if range.lowerBound > next { gaps.append(next...(range.lowerBound - 1)) }
            next = range.upperBound + 1
        }
        if next <= 0x10_FFFF { gaps.append(next...0x10_FFFF) }
        return ScalarSet(gaps)
    }

    /// The scalar, when there is exactly one.
    var onlyScalar: Unicode.Scalar? {
        guard ranges.count == 1, ranges[0].count == 1 else { return nil }
        return Unicode.Scalar(ranges[0].lowerBound)
    }

    func union(_ other: ScalarSet) -> ScalarSet { ScalarSet(ranges + other.ranges) }

    func contains(_ scalar: Unicode.Scalar) -> Bool {
        let code = scalar.value
        if code < 64 { return ascii.low >> UInt64(code) & 1 == 1 }
        if code < 128 { return ascii.high >> UInt64(code - 64) & 1 == 1 }
        var lower = 0
        var upper = ranges.count
        while lower < upper {
            let middle = (lower + upper) / 2
            if ranges[middle].upperBound < code { lower = middle + 1 } else { upper = middle }
        }
        return lower < ranges.count && ranges[lower].contains(code)
    }

    static func == (a: ScalarSet, b: ScalarSet) -> Bool { a.ranges == b.ranges }
    func hash(into hasher: inout Hasher) { hasher.combine(ranges) }
}
