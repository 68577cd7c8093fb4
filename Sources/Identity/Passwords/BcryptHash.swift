/// A well-formed bcrypt hash as a store keeps it: `$2b$12$` + 22 characters of salt + 31 of digest, with a marker before it
/// when the long-password scheme made it.
///
/// bcrypt looks at 72 bytes of a password and no more. So a password of 72 bytes or more is first made short, by base64 of its SHA-384
/// (64 characters, no NUL), and the stored hash carries a marker: `$dragoman-long$2b$12$...`. A marked hash is only ever compared
/// through that path. 72 itself is taken as long, because an unmarked hash of 72 bytes would also match every longer password that
/// starts with them.
struct BcryptHash: Sendable, Hashable {
    static let longPasswordMarker = "$dragoman-long"
    /// Passwords of this many bytes and more take the long-password scheme.
    static let longPasswordBytes = 72

    let isLongPassword: Bool
    let prefix: BcryptPrefix
    let cost: BcryptCost
    /// The 60 characters without the marker, ASCII.
    let bcrypt: [UInt8]

    /// The last 31 characters: what a comparison compares.
    ///
    /// The salt before them was input, not result.
    var digest: ArraySlice<UInt8> { bcrypt[29...] }

    /// What a store keeps.
    var stored: String { (isLongPassword ? Self.longPasswordMarker : "") + String(decoding: bcrypt, as: UTF8.self) }

    /// Reads a stored hash; nil when it is anything but a complete hash of a known version (`*0`, empty, cut short, `$2x$`).
    init?(stored: String) {
        let marker = Array(Self.longPasswordMarker.utf8)
        var text = Array(stored.utf8)[...]
        let marked = text.starts(with: marker)
        if marked { text = text.dropFirst(marker.count) }
        self.init(bcrypt: Array(text), isLongPassword: marked)
    }

    init?(bcrypt: [UInt8], isLongPassword: Bool) {
        guard bcrypt.count == 60, bcrypt[0] == UInt8(ascii: "$"), bcrypt[3] == UInt8(ascii: "$"), bcrypt[6] == UInt8(ascii: "$"),
            let prefix = BcryptPrefix(rawValue: String(decoding: bcrypt[1...2], as: UTF8.self)),
            let tens = bcrypt[4].decimalDigit, let ones = bcrypt[5].decimalDigit, let cost = BcryptCost(tens * 10 + ones),
            bcrypt[7...].allSatisfy(\.isBcryptLetter)
        else { return nil }
        self.isLongPassword = isLongPassword
        self.prefix = prefix
        self.cost = cost
        self.bcrypt = bcrypt
    }
}

extension UInt8 {
    fileprivate var decimalDigit: Int? {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(self) ? Int(self - UInt8(ascii: "0")) : nil
    }

    fileprivate var isBcryptLetter: Bool {
        switch self {
        case UInt8(ascii: "."), UInt8(ascii: "/"), UInt8(ascii: "0")...UInt8(ascii: "9"),
            UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"):
            true
        default: false
        }
    }
}
