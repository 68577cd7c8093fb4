/// A quality value of RFC 9110, section 12.4.2, in thousandths: 0 to 1000.
struct Weight: Sendable, Hashable, Comparable {
    static let full = Weight(thousandths: 1000)
    static let none = Weight(thousandths: 0)

    let thousandths: Int

    private init(thousandths: Int) { self.thousandths = thousandths }

    /// Reads `0`, `1`, `0.5`, `0.125`, `1.000`; nil for anything else.
    init?(_ text: String) {
        let bytes = Array(text.utf8)
        guard let whole = bytes.first, whole == UInt8(ascii: "0") || whole == UInt8(ascii: "1"), bytes.count <= 5 else { return nil }
        guard bytes.count == 1 || bytes[1] == UInt8(ascii: ".") else { return nil }
        var sum = whole == UInt8(ascii: "1") ? 1000 : 0
        var unit = 100
        for byte in bytes.dropFirst(2) {
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return nil }
            sum += Int(byte - UInt8(ascii: "0")) * unit
            unit /= 10
        }
        guard sum <= 1000 else { return nil }
        thousandths = sum
    }

    static func < (a: Weight, b: Weight) -> Bool { a.thousandths < b.thousandths }
}
