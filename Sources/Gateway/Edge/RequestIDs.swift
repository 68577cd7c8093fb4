import Synchronization

/// Names a request, for the log and for whoever has to find one again.
struct RequestID: Sendable, CustomStringConvertible {
    private let sent: String?
    private let number: UInt64

    fileprivate init(sent: String?, number: UInt64) {
        self.sent = sent
        self.number = number
    }

    /// The client's own id, or 16 hex digits.
    var description: String {
        if let sent { return sent }
        let number = number
        return String(unsafeUninitializedCapacity: 16) { room in
            for place in 0..<16 {
                let digit = UInt8(truncatingIfNeeded: number >> UInt64(60 - place * 4) & 0xF)
                room[place] = digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10
            }
            return 16
        }
    }

    /// The client's own id when it sent one that can stand in a log: 1 to 128 of `A-Z a-z 0-9 . _ -`.
    static func sent(in fields: [(name: String, value: String)]) -> String? {
        let sent = fields.lazy.filter { $0.name == "x-request-id" }.map(\.value)
        guard let only = sent.first, sent.dropFirst().isEmpty, (1...128).contains(only.utf8.count), only.utf8.allSatisfy(isPlain) else {
            return nil
        }
        return only
    }

    private static func isPlain(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte & 0xDF) || byte == UInt8(ascii: ".") || byte == UInt8(ascii: "_")
            || byte == UInt8(ascii: "-")
    }
}

/// Gives every request an id of its own.
final class RequestIDs: Sendable {
    private let base: UInt64
    private let count = Atomic<UInt64>(0)

    /// `random` gives that many random bytes; it is asked once, as ids tell requests apart and keep nothing secret.
    init(random: (Int) -> [UInt8]) { base = random(8).reduce(0) { $0 << 8 | UInt64($1) } }

    func next(sent: String?) -> RequestID {
        // An odd factor gives every count another id, and neighbours nothing in common.
        RequestID(sent: sent, number: base &+ count.wrappingAdd(1, ordering: .relaxed).newValue &* 0x9E37_79B9_7F4A_7C15)
    }
}
