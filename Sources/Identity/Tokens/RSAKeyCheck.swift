import CryptoExtras

/// What an RSA key must be before it signs or verifies anything here.
enum RSAKeyCheck {
    static func check(_ key: _RSA.Signing.PublicKey) throws(KeyFault) -> RSANumbers {
        guard key.keySizeInBits >= 2048 else { throw .shortModulus }
        guard let primitives = try? key.getKeyPrimitives() else { throw .unreadable }
        let numbers = RSANumbers(modulus: stripped(primitives.modulus), exponent: stripped(primitives.publicExponent))
        guard let last = numbers.exponent.last, last & 1 == 1, numbers.exponent.count > 1 || last >= 3 else { throw .badExponent }
        guard !isFactorable(numbers.modulus) else { throw .factorableModulus }
        return numbers
    }

    private static func stripped(_ number: some Sequence<UInt8>) -> [UInt8] { Array(number.drop { $0 == 0 }) }

    /// The fingerprint of CVE-2017-15361: modulo each of these primes the modulus is a power of 65537.
    ///
    /// By chance that is so once in 2^27 keys or rarer.
    private static func isFactorable(_ modulus: [UInt8]) -> Bool {
        let primes = [
            3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83, 89, 97, 101, 103, 107, 109, 113, 127,
            131, 137, 139, 149, 151, 157, 163, 167,
        ]
        return primes.allSatisfy { prime in
            let remainder = modulus.reduce(0) { ($0 << 8 | Int($1)) % prime }
            var power = 1
            repeat {
                if power == remainder { return true }
                power = power * (65537 % prime) % prime
            } while power != 1
            return false
        }
    }
}

/// The two numbers of an RSA public key, big endian without leading zeros.
struct RSANumbers: Sendable, Hashable {
    var modulus: [UInt8]
    var exponent: [UInt8]
}
