/// Recognises HMAC secrets that are printed in documents and templates, or that have next to no entropy.
enum WeakSecrets {
    static func isWeak(_ secret: [UInt8]) -> Bool {
        if Set(secret).count < 8 || hasShortPeriod(secret) { return true }
        let letters = String(decoding: secret.compactMap(\.letterOrDigit), as: UTF8.self)
        return published.contains(letters) || telltales.contains { letters.contains($0) }
    }

    /// Whether it is one piece of at most half its length, over and over.
    private static func hasShortPeriod(_ secret: [UInt8]) -> Bool {
        guard secret.count >= 2 else { return true }
        return (1...secret.count / 2).contains { period in
            (period..<secret.count).allSatisfy { secret[$0] == secret[$0 - period] }
        }
    }

    /// What people write who mean to write something better; folded to lower-case letters and digits, as the secret is.
    private static let telltales = [
        "changeme", "changethis", "changeit", "changeinprod", "replaceme", "replacethis", "yoursecret", "yoursuper", "your256bit",
        "yourjwt",
        "supersecret", "secretkey", "jwtsecret", "verysecret", "topsecret", "notsosecret", "insecure", "placeholder", "examplesecret",
        "defaultsecret", "testsecret", "devsecret", "mysecret", "password",
    ]

    /// Secrets of 32 bytes and more from documents and debuggers that no telltale catches.
    private static let published: Set<String> = [
        "astringsecretatleast256bitslong", "astringsecretatleast384bitslongforhs384", "thisisasecretthatisatleast32characterslong",
        "0123456789abcdef0123456789abcdef", "abcdefghijklmnopqrstuvwxyz123456", "abcdefghijklmnopqrstuvwxyz012345",
        "abcdefghijklmnopqrstuvwxyz0123456789", "12345678901234567890123456789012", "000102030405060708090a0b0c0d0e0f",
        "qwertyuiopasdfghjklzxcvbnm123456",
    ]
}

extension UInt8 {
    /// The ASCII letter in lower case, or the digit; nil for all else.
    fileprivate var letterOrDigit: UInt8? {
        switch self {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"): self
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): self | 0x20
        default: nil
        }
    }
}
