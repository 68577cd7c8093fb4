import CLibcrypt
import Crypto

/// Makes and compares bcrypt hashes on the calling thread, which they hold for as long as the cost says.
enum Bcrypt {
    /// Makes the hash that a store keeps.
    ///
    /// `salt` is 16 random bytes.
    static func hash(_ password: PasswordText, cost: BcryptCost, prefix: BcryptPrefix, salt: [UInt8]) -> BcryptHash {
        precondition(salt.count == 16, "bcrypt takes a salt of 16 bytes")
        let isLong = password.bytes.count >= BcryptHash.longPasswordBytes
        let key = isLong ? shortened(password.bytes) : password.bytes
        guard let setting = setting(cost: cost, prefix: prefix, salt: salt),
            let result = crypt(key, setting: setting),
            let hash = BcryptHash(bcrypt: result, isLongPassword: isLong)
        else { preconditionFailure("libcrypt refused a well-formed bcrypt setting") }
        return hash
    }

    /// Says whether the password is the hash's, in a time that depends on the hash's cost alone.
    ///
    /// An unmarked hash is compared over the password's first 72 bytes, as the backend that made it did.
    static func matches(_ password: PasswordText, _ hash: BcryptHash) -> Bool {
        let key = hash.isLongPassword ? shortened(password.bytes) : Array(password.bytes.prefix(72))
        guard let result = crypt(key, setting: hash.bcrypt), result.count == hash.bcrypt.count else { return false }
        var difference: UInt8 = 0
        for (a, b) in zip(result[29...], hash.digest) { difference |= a ^ b }
        return difference == 0
    }

    /// Spends what a comparison at this cost takes, for nothing.
    static func decoy(_ password: PasswordText, cost: BcryptCost) {
        guard let setting = setting(cost: cost, prefix: .b, salt: [UInt8](repeating: 0x5a, count: 16)) else { return }
        _ = crypt(Array(password.bytes.prefix(72)), setting: setting)
    }

    /// Base64 of the SHA-384: 64 characters that depend on the whole password.
    private static func shortened(_ password: [UInt8]) -> [UInt8] {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
        let digest = Array(SHA384.hash(data: password))
        return stride(from: 0, to: digest.count, by: 3).flatMap { at in
            let group = Int(digest[at]) << 16 | Int(digest[at + 1]) << 8 | Int(digest[at + 2])
            return [18, 12, 6, 0].map { alphabet[group >> $0 & 63] }
        }
    }

    private static func setting(cost: BcryptCost, prefix: BcryptPrefix, salt: [UInt8]) -> [UInt8]? {
        var output = [CChar](repeating: 0, count: Int(CRYPT_GENSALT_OUTPUT_SIZE))
        let size = CInt(output.count)
        let made = salt.withUnsafeBytes { salt in
            crypt_gensalt_rn(
                "$\(prefix.rawValue)$", UInt(cost.exponent), salt.baseAddress?.assumingMemoryBound(to: CChar.self), CInt(salt.count),
                &output, size)
        }
        guard made != nil else { return nil }
        return output.prefix { $0 != 0 }.map(UInt8.init(bitPattern:))
    }

    /// Runs libxcrypt on memory of its own (32 KiB, zeroed before and after); nil when it refuses the setting.
    ///
    /// `key` is free of NUL.
    private static func crypt(_ key: [UInt8], setting: [UInt8]) -> [UInt8]? {
        let size = MemoryLayout<crypt_data>.size
        let memory = UnsafeMutableRawPointer.allocate(byteCount: size, alignment: MemoryLayout<crypt_data>.alignment)
        memory.initializeMemory(as: UInt8.self, repeating: 0, count: size)
        defer {
            memory.initializeMemory(as: UInt8.self, repeating: 0, count: size)
            memory.deallocate()
        }
        // crypt_rn is crypt_r that answers nil for a failure instead of the string "*0", which could be taken for a hash.
        let phrase = (key + [0]).map(CChar.init(bitPattern:))
        let terminated = (setting + [0]).map(CChar.init(bitPattern:))
        guard let output = crypt_rn(phrase, terminated, memory, CInt(size)) else { return nil }
        let result = UnsafeBufferPointer(start: output, count: Int(CRYPT_OUTPUT_SIZE)).prefix { $0 != 0 }
        return result.map(UInt8.init(bitPattern:))
    }
}
