package import Identity

/// The text of a generated key as it is kept, and when it counts.
package struct KeptKey: Sendable, Hashable {
    /// A secret's digits, or a private key as PEM.
    package var text: [UInt8]
    package var signsFrom: Instant
    /// Nil while none follows it.
    package var until: Instant?

    /// Makes the text of a new key.
    static func fresh(_ algorithm: SigningAlgorithm, rsaBits: Int, random: (Int) -> [UInt8]) throws(KeyFault) -> [UInt8] {
        switch algorithm {
        case .hs256:
            let digits = Array("0123456789abcdef".utf8)
            return random(32).flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 0xF)]] }
        case .rs256: return Array(try SigningKey.generateRSA(bits: rsaBits).utf8)
        case .edDSA: return Array(try SigningKey.edDSAPEM(seed: random(32)).utf8)
        }
    }
}

extension KeptKey: CustomStringConvertible, CustomReflectable {
    package var description: String { "<REDACTED>" }
    package var customMirror: Mirror { Mirror(self, children: []) }
}
