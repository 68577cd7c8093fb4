package import Identity

/// The keys of one frontend: one signs, those after it are known before they sign, those before it still verify until their end.
package struct FrontendKeys: Sendable {
    /// A key and when it counts.
    package struct Term: Sendable {
        package var key: SigningKey
        /// Nil: it never signs.
        package var signsFrom: Instant?
        /// Nil: without an end.
        package var until: Instant?
    }

    /// The newest first.
    package let terms: [Term]
    /// Whether they were generated here, and not given by the configuration.
    package let isGenerated: Bool
    private let first: KeyRing
    /// What counts from each moment on at which that changes.
    private let later: [(from: Instant, ring: KeyRing)]

    /// Keys that the configuration gives: the older ones verify for as long as they stand there.
    package init(given current: SigningKey, older: [SigningKey] = []) throws(KeyFault) {
        let terms = [Term(key: current, signsFrom: Self.always)] + older.map { Term(key: $0) }
        try self.init(terms, isGenerated: false)
    }

    /// Generated keys, the newest first; there is one at least.
    package init(kept: [KeptKey], _ name: KeyName) throws(KeyFault) {
        var terms: [Term] = []
        for kept in kept {
            let key = try Self.read(kept.text, name)
            // One that is just being replaced may stand there twice.
            guard !terms.contains(where: { $0.key.id == key.id }) else { continue }
            terms.append(Term(key: key, signsFrom: kept.signsFrom, until: kept.until))
        }
        try self.init(terms, isGenerated: true)
    }

    private init(_ terms: [Term], isGenerated: Bool) throws(KeyFault) {
        self.terms = terms
        self.isGenerated = isGenerated
        first = try Self.ring(of: terms, at: Self.always)
        var later: [(from: Instant, ring: KeyRing)] = []
        for moment in Set(terms.flatMap { [$0.signsFrom, $0.until].compactMap { $0 } }).sorted() {
            later.append((moment, try Self.ring(of: terms, at: moment)))
        }
        self.later = later
    }

    /// The moment before all others.
    static let always = Instant(microseconds: .min)

    /// The keys that count at `now`.
    package func ring(at now: Instant) -> KeyRing { later.last { $0.from <= now }?.ring ?? first }

    /// A number that is another one when other keys count.
    func phase(at now: Instant) -> Int { later.count { $0.from <= now } }

    private static func ring(of terms: [Term], at moment: Instant) throws(KeyFault) -> KeyRing {
        let living = terms.filter { $0.until.map { $0 > moment } ?? true }
        // Where the first of all is still to come, another instance's clock is ahead: there is no other that could sign.
        let signing =
            living.first { $0.signsFrom.map { $0 <= moment } ?? false } ?? living.last { $0.signsFrom != nil } ?? terms.first
        guard let signing else { throw .failed }
        return try KeyRing(current: signing.key, others: living.filter { $0.key.id != signing.key.id }.map(\.key))
    }

    /// Reads a key of the algorithm that a dialect asks for.
    package static func read(_ bytes: [UInt8], _ algorithm: SigningAlgorithm) throws(KeyFault) -> SigningKey {
        switch algorithm {
        case .hs256: return try .hs256(secret: bytes)
        case .rs256: return try .rs256(pem: String(decoding: bytes, as: UTF8.self))
        case .edDSA: return try .edDSA(pem: String(decoding: bytes, as: UTF8.self))
        }
    }

    /// A key of internal tokens is named by its thumbprint (RFC 7638), as an upstream chooses by name.
    private static func read(_ bytes: [UInt8], _ name: KeyName) throws(KeyFault) -> SigningKey {
        let key = try read(bytes, name.algorithm)
        guard name.use == .upstreams else { return key }
        return try .edDSA(pem: String(decoding: bytes, as: UTF8.self), kid: Base64URL.encode(key.id.bytes))
    }

    /// What an operator is told.
    package static func words(for fault: KeyFault, _ algorithm: SigningAlgorithm) -> String {
        switch fault {
        case .shortSecret(let bytes): "the secret has \(bytes) bytes; \(algorithm.rawValue) needs 32 or more"
        case .pemAsSecret: "this is a PEM key, and the dialect signs with an \(algorithm.rawValue) secret"
        case .unreadable:
            "this is no \(algorithm == .rs256 ? "RSA private key" : "private key") in PEM, and the dialect signs with \(algorithm.rawValue)"
        case .shortModulus: "the RSA key has fewer than 2048 bits"
        case .badExponent: "the RSA key has an exponent that no key should have"
        case .factorableModulus: "the RSA key can be factored (CVE-2017-15361): make a new one"
        case .emptyKeyID, .repeatedKeyID, .mixedAlgorithms: "the keys do not go together"
        case .failed: "the key could not be made"
        }
    }
}
