import Glibc

/// An IPv4 or IPv6 address, without port or zone.
struct IPAddress: Sendable, Hashable, CustomStringConvertible {
    /// 4 or 16 bytes.
    let bytes: [UInt8]
    let description: String

    /// Reads the text form; an IPv4 address written as IPv6 (`::ffff:10.0.0.1`) is the IPv4 address.
    init?(_ text: String) {
        var room = [UInt8](repeating: 0, count: 16)
        if inet_pton(AF_INET, text, &room) == 1 {
            bytes = Array(room.prefix(4))
        } else if inet_pton(AF_INET6, text, &room) == 1 {
            let isMapped = room[..<10].allSatisfy { $0 == 0 } && room[10] == 0xFF && room[11] == 0xFF
            bytes = isMapped ? Array(room[12...]) : room
        } else {
            return nil
        }
        description = bytes.count == 4 ? bytes.map(String.init).joined(separator: ".") : text
    }

    /// Reads a hop of `X-Forwarded-For`, which some proxies write with a port (`1.2.3.4:5678`, `[2001:db8::1]:443`) or in brackets.
    init?(hop: String) {
        if hop.utf8.first == UInt8(ascii: "[") {
            let parts = hop.dropFirst().split(separator: "]", omittingEmptySubsequences: false)
            guard parts.count == 2, parts[0].contains(":"), parts[1].isEmpty || Self.isPort(parts[1]) else { return nil }
            self.init(String(parts[0]))
        } else if let colon = hop.firstIndex(of: ":"), hop[..<colon].contains(".") {
            guard Self.isPort(hop[colon...]) else { return nil }
            self.init(String(hop[..<colon]))
        } else {
            self.init(hop)
        }
    }

    /// A colon and a number.
    private static func isPort(_ text: Substring) -> Bool {
        let digits = text.utf8.dropFirst()
        return text.utf8.first == UInt8(ascii: ":") && digits.allSatisfy { (0x30...0x39).contains($0) } && UInt16(Substring(digits)) != nil
    }

    /// Of this machine itself.
    var isLoopback: Bool { bytes.count == 4 ? bytes[0] == 127 : bytes.dropLast().allSatisfy { $0 == 0 } && bytes.last == 1 }
}

/// An address, or all that share its first bits: `10.0.0.0/8`.
package struct AddressRange: Sendable, Hashable {
    private let network: IPAddress
    private let bits: Int

    package init?(_ text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard (1...2).contains(parts.count), let network = IPAddress(String(parts[0])) else { return nil }
        self.network = network
        guard parts.count == 2 else {
            bits = network.bytes.count * 8
            return
        }
        guard let bits = Int(parts[1]), (0...network.bytes.count * 8).contains(bits) else { return nil }
        self.bits = bits
    }

    func contains(_ address: IPAddress) -> Bool {
        guard address.bytes.count == network.bytes.count else { return false }
        for index in network.bytes.indices {
            let left = bits - index * 8
            guard left > 0 else { return true }
            let mask: UInt8 = left >= 8 ? 0xFF : ~(0xFF >> UInt8(left))
            guard address.bytes[index] & mask == network.bytes[index] & mask else { return false }
        }
        return true
    }
}
