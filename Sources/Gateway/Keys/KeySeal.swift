import Crypto
import Identity

/// Seals keys that lie in a shared store: AES-256-GCM under a key derived (HKDF with SHA-256) from the configuration's `store-key`.
///
/// A sealed text is a byte for the form, 12 bytes of nonce, the ciphertext and 16 bytes of tag. Whose key it is and which is authenticated
/// with it: moved to another row it cannot be opened.
package struct KeySeal: Sendable {
    private static let form: UInt8 = 1
    private static let nonceBytes = 12
    private static let tagBytes = 16
    private let key: SymmetricKey

    /// The secret has 32 bytes at least, as the configuration's reader has seen to.
    package init(_ secret: SecretText) {
        key = HKDF<SHA256>.deriveKey(
            inputKeyMaterial: SymmetricKey(data: Array(secret.text.utf8)), info: Array("dragoman: keys in the store".utf8),
            outputByteCount: 32)
    }

    /// `random` gives the nonce.
    ///
    /// - Throws: `KeyFault.failed` when the library cannot seal.
    func seal(_ text: [UInt8], as name: KeyName, number: Int64, random: (Int) -> [UInt8]) throws(KeyFault) -> [UInt8] {
        let nonce = random(Self.nonceBytes)
        guard
            let box = try? AES.GCM.seal(
                text, using: key, nonce: AES.GCM.Nonce(data: nonce), authenticating: Self.label(name, number))
        else { throw .failed }
        return [Self.form] + nonce + Array(box.ciphertext) + Array(box.tag)
    }

    /// Nil when it was sealed by another secret or for another place, or has been altered.
    func open(_ sealed: [UInt8], as name: KeyName, number: Int64) -> [UInt8]? {
        guard sealed.first == Self.form, sealed.count > 1 + Self.nonceBytes + Self.tagBytes else { return nil }
        let nonce = sealed[1...Self.nonceBytes]
        let ciphertext = sealed[(1 + Self.nonceBytes)..<(sealed.count - Self.tagBytes)]
        guard
            let box = try? AES.GCM.SealedBox(
                nonce: AES.GCM.Nonce(data: Array(nonce)), ciphertext: Array(ciphertext), tag: Array(sealed.suffix(Self.tagBytes))),
            let text = try? AES.GCM.open(box, using: key, authenticating: Self.label(name, number))
        else { return nil }
        return Array(text)
    }

    /// No part has a slash.
    private static func label(_ name: KeyName, _ number: Int64) -> [UInt8] {
        Array("\(name.realm)/\(name.frontend)/\(name.use.rawValue)/\(name.algorithm.rawValue)/\(number)".utf8)
    }
}
