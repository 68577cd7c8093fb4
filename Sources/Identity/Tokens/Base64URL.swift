/// Base64url without padding (RFC 7515 section 2), read strictly: every sequence of bytes has exactly one spelling.
package enum Base64URL {
    /// Spells bytes without padding.
    package static func encode(_ bytes: some Sequence<UInt8>) -> String {
        String(decoding: encoded(bytes), as: UTF8.self)
    }

    /// Spells bytes without padding, as ASCII.
    static func encoded(_ bytes: some Sequence<UInt8>) -> [UInt8] {
        var text: [UInt8] = []
        text.reserveCapacity((bytes.underestimatedCount * 4 + 2) / 3)
        var bits: UInt32 = 0
        var held = 0
        for byte in bytes {
            bits = bits << 8 | UInt32(byte)
            held += 8
            while held >= 6 {
                held -= 6
                text.append(alphabet[Int(bits >> held & 63)])
            }
        }
        if held > 0 { text.append(alphabet[Int(bits << (6 - held) & 63)]) }
        return text
    }

    /// Reads one spelling; nil for padding, foreign characters (`+` and `/` are foreign), a length that cannot be, or trailing bits
    /// that are not zero.
    package static func decode(_ text: some Sequence<UInt8>) -> [UInt8]? {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.underestimatedCount * 3 / 4)
        var bits: UInt32 = 0
        var held = 0
        for character in text {
            let six = values[Int(character)]
            guard six < 64 else { return nil }
            bits = bits << 6 | UInt32(six)
            held += 6
            guard held >= 8 else { continue }
            held -= 8
            bytes.append(UInt8(truncatingIfNeeded: bits >> held))
        }
        // Six bits left over are a lone character, which spells nothing; two or four must be zero.
        guard held < 6, bits & (1 << held - 1) == 0 else { return nil }
        return bytes
    }

    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)

    private static let values: [UInt8] = {
        var values = [UInt8](repeating: .max, count: 256)
        for (six, character) in alphabet.enumerated() { values[Int(character)] = UInt8(six) }
        return values
    }()
}
