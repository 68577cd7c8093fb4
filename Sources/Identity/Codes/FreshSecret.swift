/// A code or a link's token that was just drawn.
///
/// The only value that holds it in plain; stores see its digest.
struct FreshSecret: Sendable {
    let id: SecretID
    let purpose: SecretPurpose
    let plain: String
    let isCode: Bool
    let lifetime: Duration

    init(code policy: CodePolicy, for purpose: SecretPurpose, from draw: Draw) {
        id = SecretID(bytes: draw.bytes(16))
        self.purpose = purpose
        isCode = true
        var upper = 1
        for _ in 0..<policy.digits { upper *= 10 }
        let number = draw.number((policy.leadingZero ? 0 : upper / 10)...(upper - 1))
        let digits = String(number)
        plain = String(repeating: "0", count: policy.digits - digits.utf8.count) + digits
        lifetime = .seconds(60 * draw.number(policy.minutes))
    }

    init(link policy: LinkPolicy, for purpose: SecretPurpose, from draw: Draw) {
        let random = draw.bytes(16)
        self.purpose = purpose
        isCode = false
        switch policy.alphabet {
        case .hex: plain = draw.hex(policy.length)
        case .url: plain = draw.text(Self.urlAlphabet, policy.length)
        }
        id = SecretID(bytes: random.prefix(8) + Self.markOfLinks(Self.digest(ofLink: plain)))
        lifetime = policy.lifetime
    }

    /// Whether what is stored is a link's token and no code.
    ///
    /// Its id tells: the second half is made of the digest, which no code's is.
    static func isLink(_ secret: Secret) -> Bool { secret.id.bytes.suffix(8).elementsEqual(markOfLinks(secret.digest)) }

    private static func markOfLinks(_ digest: Digest) -> [UInt8] { Array(Digest.keyed(digest.bytes, "link").bytes.prefix(8)) }

    var digest: Digest { isCode ? Self.digest(ofCode: plain, id: id) : Self.digest(ofLink: plain) }

    /// Keyed with the row's id, so equal codes of two accounts have two digests.
    static func digest(ofCode code: String, id: SecretID) -> Digest { .keyed(id.bytes, code) }

    /// A token of 110 bits and more cannot be guessed from its plain digest.
    static func digest(ofLink token: String) -> Digest { .sha256(token) }

    private static let urlAlphabet = Array("ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz123456789_-".utf8)
}
