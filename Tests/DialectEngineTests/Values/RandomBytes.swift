/// Bytes from a fixed seed, so that a failing run can be repeated.
struct RandomBytes {
    private var state: UInt64 = 0x9E37_79B9_7F4A_7C15

    mutating func next(below bound: Int) -> Int {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Int(state >> 33) % bound
    }

    /// Words in any order: what lies close to the grammar finds more than what lies anywhere.
    mutating func run(of words: [String], upTo count: Int) -> [UInt8] {
        var bytes: [UInt8] = []
        for _ in 0..<next(below: count) {
            if next(below: 20) == 0 { bytes.append(UInt8(next(below: 256))) }
            bytes += Array(words[next(below: words.count)].utf8)
        }
        return bytes
    }
}
