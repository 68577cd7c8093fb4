/// What a byte is in an HTTP/1.1 message.
extension UInt8 {
    static let carriageReturn: UInt8 = 0x0D
    static let lineFeed: UInt8 = 0x0A

    /// Of a hexadecimal digit; nil for anything else.
    var hexadecimalValue: UInt8? {
        switch self {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): self - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): self - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): self - UInt8(ascii: "A") + 10
        default: nil
        }
    }

    /// May stand in a field's name or a method (RFC 9110 section 5.6.2).
    var isTokenCharacter: Bool { FieldBytes.tokens[Int(self)] }

    /// White space within a line (OWS).
    var isSpaceOrTab: Bool { self == 0x20 || self == 0x09 }

    /// May stand in a field's value: visible, a space, a tab, or beyond ASCII (RFC 9110 section 5.5).
    var isFieldContent: Bool { self >= 0x20 && self != 0x7F || self == 0x09 }
}

private enum FieldBytes {
    static let tokens: [Bool] = {
        var table = [Bool](repeating: false, count: 256)
        for byte in "!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz".utf8 { table[Int(byte)] = true }
        return table
    }()
}
