/// Base64url without padding (RFC 7515 section 2), read strictly: every sequence of bytes has exactly one spelling.
package enum Base64URL {
    /// Spells bytes without padding.
    package static func encode(_ bytes: some Collection<UInt8>) -> String {
        String(decoding: encoded(bytes), as: UTF8.self)
    }

    /// Spells bytes without padding, as ASCII.
    static func encoded(_ bytes: some Collection<UInt8>) -> [UInt8] {
        bytes.withContiguousStorageIfAvailable(spell) ?? Array(bytes).withUnsafeBufferPointer(spell)
    }

    /// Reads one spelling; nil for padding, foreign characters (`+` and `/` are foreign), a length that cannot be, or trailing bits
    /// that are not zero.
    package static func decode(_ text: some Collection<UInt8>) -> [UInt8]? {
        text.withContiguousStorageIfAvailable(read) ?? Array(text).withUnsafeBufferPointer(read)
    }

    private static func spell(_ bytes: UnsafeBufferPointer<UInt8>) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: (bytes.count * 4 + 2) / 3) { text, count in
            alphabet.withUnsafeBufferPointer { alphabet in
                var bits: UInt32 = 0
                var held: UInt32 = 0
                for byte in bytes {
                    bits = bits << 8 | UInt32(byte)
                    held += 8
                    while held >= 6 {
                        held -= 6
                        text[count] = alphabet[Int(bits >> held & 63)]
                        count += 1
                    }
                }
                guard held > 0 else { return }
                text[count] = alphabet[Int(bits << (6 - held) & 63)]
                count += 1
            }
        }
    }

    private static func read(_ text: UnsafeBufferPointer<UInt8>) -> [UInt8]? {
        // Six bits left over are a lone character, which spells nothing; two or four must be zero.
        guard text.count % 4 != 1 else { return nil }
        var isStrict = true
        let bytes = [UInt8](unsafeUninitializedCapacity: text.count * 3 / 4) { bytes, count in
            values.withUnsafeBufferPointer { values in
                var foreign: UInt8 = 0
                func six(_ at: Int) -> UInt32 {
                    let six = values[Int(text[at])]
                    foreign |= six
                    return UInt32(six)
                }
                var at = 0
                while at + 4 <= text.count {
                    let bits = six(at) << 18 | six(at + 1) << 12 | six(at + 2) << 6 | six(at + 3)
                    bytes[count] = UInt8(truncatingIfNeeded: bits >> 16)
                    bytes[count + 1] = UInt8(truncatingIfNeeded: bits >> 8)
                    bytes[count + 2] = UInt8(truncatingIfNeeded: bits)
                    count += 3
                    at += 4
                }
                var left: UInt32 = 0
                switch text.count - at {
                case 2:
                    let bits = six(at) << 6 | six(at + 1)
                    bytes[count] = UInt8(truncatingIfNeeded: bits >> 4)
                    count += 1
                    left = bits & 0xF
                case 3:
                    let bits = six(at) << 12 | six(at + 1) << 6 | six(at + 2)
                    bytes[count] = UInt8(truncatingIfNeeded: bits >> 10)
                    bytes[count + 1] = UInt8(truncatingIfNeeded: bits >> 2)
                    count += 2
                    left = bits & 0x3
                default: break
                }
                isStrict = foreign < 64 && left == 0
            }
        }
        return isStrict ? bytes : nil
    }

    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)

    /// The six bits of each character; 255 for a foreign one.
    private static let values: [UInt8] = {
        var values = [UInt8](repeating: .max, count: 256)
        for (six, character) in alphabet.enumerated() { values[Int(character)] = UInt8(six) }
        return values
    }()
}
