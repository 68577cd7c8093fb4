package import Identity

/// A strict reader of `application/x-www-form-urlencoded` bodies and of query strings (without their `?`) into one object of strings.
///
/// Names may carry brackets: `user[email]=x` is a member of an object, `tags[]=x` an element of a list. A field without `=` is empty, `+` is a space,
/// fields without a single byte (`a=1&&b=2`) are passed over. A name that is given twice is a fault and never a choice.
package struct FormReader {
    /// Reads the fields.
    ///
    /// `maxMembers` counts fields, list elements and the objects and lists between; depth counts as in JSON. Fields without a byte count
    /// among themselves.
    package static func read(_ bytes: some Collection<UInt8>, limits: JSONReader.Limits = .init()) throws(FormFault) -> Value {
        guard bytes.count <= limits.maxBytes else { throw .tooLong }
        var tree = FieldTree(limits: limits)
        var rest = Array(bytes)[...]
        var empty = 0
        while !rest.isEmpty {
            let field = rest.prefix { $0 != UInt8(ascii: "&") }
            rest = rest[field.endIndex...].dropFirst()
            guard !field.isEmpty else {
                empty += 1
                guard empty <= limits.maxMembers else { throw .tooManyFields }
                continue
            }
            let name = field.prefix { $0 != UInt8(ascii: "=") }
            try tree.insert(try decoded(name), try decoded(field[name.endIndex...].dropFirst()))
        }
        return tree.value
    }

    private static func decoded(_ bytes: ArraySlice<UInt8>) throws(FormFault) -> [UInt8] {
        var decoded: [UInt8] = []
        decoded.reserveCapacity(bytes.count)
        var at = bytes.startIndex
        while at < bytes.endIndex {
            switch bytes[at] {
            case UInt8(ascii: "+"): decoded.append(UInt8(ascii: " "))
            case UInt8(ascii: "%"):
                guard bytes.endIndex - at > 2, let high = hexDigit(bytes[at + 1]), let low = hexDigit(bytes[at + 2]) else {
                    throw .badEscape
                }
                decoded.append(high << 4 | low)
                at += 2
            case let byte: decoded.append(byte)
            }
            at += 1
        }
        return decoded
    }

    private static func hexDigit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
