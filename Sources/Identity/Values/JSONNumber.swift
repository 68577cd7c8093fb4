/// Where a number of JSON's grammar (RFC 8259, section 6) stands in a text.
struct JSONNumber {
    let start: Int
    /// The byte after the number.
    let end: Int
    private let isInteger: Bool

    /// Finds the longest number that starts at `start`; nil when there is none or its grammar is broken.
    init?(in input: UnsafeBufferPointer<UInt8>, from start: Int) {
        var at = start
        func has(_ byte: UInt8, or other: UInt8? = nil) -> Bool { at < input.count && (input[at] == byte || input[at] == other) }
        func skipDigits() -> Bool {
            let first = at
            while at < input.count, input[at] &- UInt8(ascii: "0") < 10 { at += 1 }
            return at > first
        }

        if has(UInt8(ascii: "-")) { at += 1 }
        if has(UInt8(ascii: "0")) {
            at += 1
        } else {
            guard skipDigits() else { return nil }
        }
        let wholeEnd = at
        if has(UInt8(ascii: ".")) {
            at += 1
            guard skipDigits() else { return nil }
        }
        if has(UInt8(ascii: "e"), or: UInt8(ascii: "E")) {
            at += 1
            if has(UInt8(ascii: "+"), or: UInt8(ascii: "-")) { at += 1 }
            guard skipDigits() else { return nil }
        }
        self.start = start
        self.end = at
        self.isInteger = at == wholeEnd
    }

    /// Whether the whole text is one number.
    static func spells(_ text: String) -> Bool {
        var text = text
        return text.withUTF8 { bytes in JSONNumber(in: bytes, from: 0)?.end == bytes.count }
    }

    func value(in input: UnsafeBufferPointer<UInt8>) -> Value {
        let digits = input[start..<end]
        if isInteger, let integer = Self.integer(digits) { return .int(integer) }
        return .number(String(decoding: digits, as: UTF8.self))
    }

    /// The integer that the digits spell; nil for `-0` and for what does not fit into 64 bits.
    private static func integer(_ digits: Slice<UnsafeBufferPointer<UInt8>>) -> Int64? {
        let isNegative = digits.first == UInt8(ascii: "-")
        // Counted downwards, since the least integer has no positive twin.
        var sum: Int64 = 0
        for byte in digits.dropFirst(isNegative ? 1 : 0) {
            let (product, tooSmall) = sum.multipliedReportingOverflow(by: 10)
            let (next, smaller) = product.subtractingReportingOverflow(Int64(byte - UInt8(ascii: "0")))
            if tooSmall || smaller { return nil }
            sum = next
        }
        if isNegative { return sum == 0 ? nil : sum }
        return sum == .min ? nil : -sum
    }
}
