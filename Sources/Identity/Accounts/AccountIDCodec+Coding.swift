extension AccountIDCodec {
    /// Writes the account's id as clients see it: an integer for `serial`, else a string.
    package func encode(_ account: Account) -> Value {
        switch self {
        case .uuid: .string(account.id.description)
        case .serial: .int(account.serial)
        case .cuid: .string(CUID.text(of: account.id))
        case .prefixed(let prefix, let codec): .string(prefix + codec.text(of: account))
        }
    }

    /// Reads what `encode` wrote, and nothing else but upper-case UUIDs and, for `serial`, the number as a string; nil for all other values.
    package func decode(_ value: Value) -> AccountReference? {
        switch self {
        case .uuid: value.string.flatMap { AccountID($0) }.map(AccountReference.id)
        case .serial: Self.serial(value).map(AccountReference.serial)
        case .cuid: value.string.flatMap(CUID.id(of:)).map(AccountReference.id)
        case .prefixed(let prefix, let codec):
            value.string.flatMap { Self.rest(of: $0, after: prefix) }.flatMap { codec.decode(.string($0)) }
        }
    }

    /// What `decode` reads from what `encode` writes of this account.
    func reference(to account: Account) -> AccountReference {
        switch self {
        case .uuid, .cuid: .id(account.id)
        case .serial: .serial(account.serial)
        case .prefixed(_, let codec): codec.reference(to: account)
        }
    }

    private func text(of account: Account) -> String {
        let value = encode(account)
        return value.string ?? String(account.serial)
    }

    /// Serials count from 1; as text they have neither sign nor leading zero.
    private static func serial(_ value: Value) -> Int64? {
        guard let number = value.int ?? value.string.flatMap({ Int64($0) }), number > 0 else { return nil }
        if let text = value.string, !text.hasSameBytes(as: String(number)) { return nil }
        return number
    }

    private static func rest(of text: String, after prefix: String) -> String? {
        guard text.utf8.starts(with: prefix.utf8) else { return nil }
        return String(decoding: text.utf8.dropFirst(prefix.utf8.count), as: UTF8.self)
    }
}

/// Ids in the look of a cuid: 25 lower-case characters, `c` first, then the time in 8 digits of base 36 and all else in 16.
private enum CUID {
    /// 36 to the 8th milliseconds: the digits for the time last until May 2059.
    private static let span: UInt64 = 2_821_109_907_456
    private static let alphabet = Array("0123456789abcdefghijklmnopqrstuvwxyz".utf8)

    /// An id of version 7 in 25 characters; any other id, which only an import brings, as the UUID that it is.
    ///
    /// The 74 bits below version and variant need 15 digits of the 16. What is too late for the digits of the time goes above them into the
    /// spare digits: still reversible, but no longer sorted among earlier ids.
    static func text(of id: AccountID) -> String {
        guard isVersion7(id) else { return id.description }
        let milliseconds = id.high >> 16
        let random = UInt128(id.high & 0xFFF) << 62 | UInt128(id.low & 0x3FFF_FFFF_FFFF_FFFF)
        let tail = UInt128(milliseconds / span) << 74 | random
        return "c" + digits(of: UInt128(milliseconds % span), width: 8) + digits(of: tail, width: 16)
    }

    static func id(of text: String) -> AccountID? {
        let utf8 = Array(text.utf8)
        guard utf8.count == 25 else { return AccountID(text).flatMap { isVersion7($0) ? nil : $0 } }
        guard utf8[0] == UInt8(ascii: "c"), let head = number(utf8[1..<9]), let tail = number(utf8[9...]) else { return nil }
        let milliseconds = UInt64(head) + UInt64(tail >> 74) * span
        // Checked before the shift: what a client makes up may name a time that no id holds.
        guard milliseconds >> 48 == 0 else { return nil }
        let high = milliseconds << 16 | 0x7000 | UInt64(truncatingIfNeeded: tail >> 62) & 0xFFF
        return AccountID(high: high, low: UInt64(truncatingIfNeeded: tail) & 0x3FFF_FFFF_FFFF_FFFF | 0x8000_0000_0000_0000)
    }

    private static func isVersion7(_ id: AccountID) -> Bool { id.high & 0xF000 == 0x7000 && id.low >> 62 == 2 }

    private static func digits(of number: UInt128, width: Int) -> String {
        var rest = number
        var digits: [UInt8] = []
        for _ in 0..<width {
            digits.append(alphabet[Int(rest % 36)])
            rest /= 36
        }
        return String(decoding: digits.reversed(), as: UTF8.self)
    }

    private static func number(_ digits: ArraySlice<UInt8>) -> UInt128? {
        var number: UInt128 = 0
        for digit in digits {
            guard let worth = alphabet.firstIndex(of: digit) else { return nil }
            number = number * 36 + UInt128(worth)
        }
        return number
    }
}
