import Crypto

/// Texts and numbers drawn uniformly from a source of bytes.
struct Draw: Sendable {
    private let bytes: @Sendable (Int) -> [UInt8]

    init(_ bytes: @escaping @Sendable (Int) -> [UInt8]) { self.bytes = bytes }

    /// Draws that a seed decides wholly.
    ///
    /// HMAC-SHA256 of a number under the seed gives 32 bytes at a time. Good for one draw only: each begins anew.
    static func stream(seed: [UInt8]) -> Draw {
        Draw { count in
            let key = SymmetricKey(data: seed)
            let blocks = (0..<UInt8(clamping: (count + 31) / 32)).flatMap { HMAC<SHA256>.authenticationCode(for: [$0], using: key) }
            return Array(blocks.prefix(count))
        }
    }

    func bytes(_ count: Int) -> [UInt8] { bytes(count) }

    /// Lower-case hex digits.
    func hex(_ count: Int) -> String { String(Hex.text(bytes((count + 1) / 2)).prefix(count)) }

    /// Characters of an alphabet of at most 256, each as likely as any other.
    func text(_ alphabet: [UInt8], _ count: Int) -> String {
        let fair = 256 / alphabet.count * alphabet.count
        var text: [UInt8] = []
        while text.count < count {
            text += bytes(count + count / 4 + 8).filter { Int($0) < fair }.map { alphabet[Int($0) % alphabet.count] }
        }
        return String(decoding: text.prefix(count), as: UTF8.self)
    }

    /// A number from a range, each as likely as any other.
    func number(_ range: ClosedRange<Int>) -> Int {
        let width = UInt64(range.upperBound - range.lowerBound) + 1
        let fair = UInt64.max / width * width
        while true {
            let drawn = bytes(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
            if drawn < fair { return range.lowerBound + Int(drawn % width) }
        }
    }

    /// A UUID of version 4 (RFC 9562 section 5.4), 36 characters in lower case.
    func uuid() -> String {
        var random = bytes(16)
        random[6] = random[6] & 0x0F | 0x40
        random[8] = random[8] & 0x3F | 0x80
        let hex = Array(Hex.text(random).utf8)
        let parts = [0..<8, 8..<12, 12..<16, 16..<20, 20..<32].map { String(decoding: hex[$0], as: UTF8.self) }
        return parts.joined(separator: "-")
    }

    func jti(_ form: TokenProfile.JTIForm) -> String {
        switch form {
        case .uuid: uuid()
        case .hex(let count): hex(count)
        case .alphanumeric(let count): text(Self.alphanumeric, count)
        }
    }

    private static let alphanumeric = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789".utf8)
}

/// Lower-case hexadecimal.
enum Hex {
    static func text(_ bytes: some Sequence<UInt8>) -> String {
        let digits = Array("0123456789abcdef".utf8)
        return String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }
}

extension Digest {
    package static func sha256(_ text: String) -> Digest { Digest(bytes: Array(SHA256.hash(data: Array(text.utf8)))) }

    package static func sha256(_ bytes: [UInt8]) -> Digest { Digest(bytes: Array(SHA256.hash(data: bytes))) }

    /// HMAC-SHA256.
    static func keyed(_ key: [UInt8], _ text: String) -> Digest {
        Digest(bytes: Array(HMAC<SHA256>.authenticationCode(for: Array(text.utf8), using: SymmetricKey(data: key))))
    }

    /// Equality in a time that does not depend on where two digests differ.
    func isSame(as other: Digest) -> Bool {
        guard bytes.count == other.bytes.count else { return false }
        return zip(bytes, other.bytes).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
    }
}
