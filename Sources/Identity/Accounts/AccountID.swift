/// An account's id: a UUID of version 7 (RFC 9562 section 5.7), so ids sort by creation.
package struct AccountID: Sendable, Hashable, Comparable, CustomStringConvertible {
    package let high: UInt64
    package let low: UInt64

    package init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// A new id at `now` from ten random bytes; of fewer bytes the rest counts as zero.
    package init(now: Instant, random: [UInt8]) {
        let milliseconds = UInt64(clamping: now.microseconds / 1000) & 0xFFFF_FFFF_FFFF
        var bytes = random.prefix(10).map { UInt64($0) }
        bytes += Array(repeating: 0, count: 10 - bytes.count)
        let a = (bytes[0] << 8 | bytes[1]) & 0x0FFF
        var b: UInt64 = 0
        for byte in bytes[2...] { b = b << 8 | byte }
        high = milliseconds << 16 | 0x7000 | a
        low = b & 0x3FFF_FFFF_FFFF_FFFF | 0x8000_0000_0000_0000
    }

    /// Reads the 36-character form in either letter case; nil for anything else.
    package init?(_ text: some StringProtocol) {
        let utf8 = Array(text.utf8)
        guard utf8.count == 36 else { return nil }
        var halves: (UInt64, UInt64) = (0, 0)
        var digits = 0
        for (place, byte) in utf8.enumerated() {
            if place == 8 || place == 13 || place == 18 || place == 23 {
                guard byte == UInt8(ascii: "-") else { return nil }
                continue
            }
            guard let digit = Self.hexadecimal(byte) else { return nil }
            if digits < 16 { halves.0 = halves.0 << 4 | digit } else { halves.1 = halves.1 << 4 | digit }
            digits += 1
        }
        high = halves.0
        low = halves.1
    }

    /// 36 characters, lower case.
    package var description: String {
        let digits = Array("0123456789abcdef".utf8)
        var text: [UInt8] = []
        text.reserveCapacity(36)
        for place in 0..<32 {
            if place == 8 || place == 12 || place == 16 || place == 20 { text.append(UInt8(ascii: "-")) }
            let half = place < 16 ? high : low
            text.append(digits[Int(half >> UInt64(60 - 4 * (place % 16)) & 0xF)])
        }
        return String(decoding: text, as: UTF8.self)
    }

    package static func < (a: AccountID, b: AccountID) -> Bool { (a.high, a.low) < (b.high, b.low) }

    private static func hexadecimal(_ byte: UInt8) -> UInt64? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt64(byte - UInt8(ascii: "0"))
        case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt64(byte - UInt8(ascii: "a") + 10)
        case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt64(byte - UInt8(ascii: "A") + 10)
        default: nil
        }
    }
}
