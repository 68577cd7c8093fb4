/// Names requests, for the log and for whoever has to find one again.
struct RequestIDs: Sendable {
    /// That many random bytes.
    let random: @Sendable (Int) -> [UInt8]

    /// The client's own id when it sent one that can stand in a log: 1 to 128 of `A-Z a-z 0-9 . _ -`; else a new one of 16 hex digits.
    func id(for fields: [(name: String, value: String)]) -> String {
        let sent = fields.lazy.filter { $0.name == "x-request-id" }.map(\.value)
        if let only = sent.first, sent.dropFirst().isEmpty, (1...128).contains(only.utf8.count), only.utf8.allSatisfy(Self.isPlain) {
            return only
        }
        return Self.hexadecimal(random(8))
    }

    private static func hexadecimal(_ bytes: [UInt8]) -> String {
        let digits = Array("0123456789abcdef".utf8)
        return String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 0xF)]] }, as: UTF8.self)
    }

    private static func isPlain(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte & 0xDF) || byte == UInt8(ascii: ".") || byte == UInt8(ascii: "_")
            || byte == UInt8(ascii: "-")
    }
}
