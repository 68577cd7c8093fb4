import Foundation
import Identity

/// Keys that the tests of tokens share.
///
/// None is used anywhere else.
enum Keys {
    static let secret = Array("0123456789-a secret of this test-only".utf8)
    /// Made anew in each run.
    static let rsaPEM = Result { try SigningKey.generateRSA(bits: 2048) }

    static func hs256(kid: String? = nil) throws -> SigningKey { try .hs256(secret: secret, kid: kid) }
    static func rs256(kid: String? = nil) throws -> SigningKey { try .rs256(pem: rsaPEM.get(), kid: kid) }

    static func token(_ header: String, _ claims: String = #"{"sub":"1"}"#, by key: SigningKey) throws -> String {
        try JWS.sign(headerJSON: Array(header.utf8), payloadJSON: Array(claims.utf8), key: key)
    }

    /// The PEM text (PKCS #1) of an RSA private key that is given as a JWK.
    static func pem(rsa jwk: Value) -> String? {
        let numbers = ["n", "e", "d", "p", "q", "dp", "dq", "qi"].compactMap { name in
            jwk[name]?.string.flatMap { Base64URL.decode($0.utf8) }
        }
        guard numbers.count == 8 else { return nil }
        let body = ([[0]] + numbers).flatMap(integer)
        let der = [0x30] + length(body.count) + body
        return
            "-----BEGIN RSA PRIVATE KEY-----\n\(Data(der).base64EncodedString(options: .lineLength64Characters))\n-----END RSA PRIVATE KEY-----\n"
    }

    private static func integer(_ bytes: [UInt8]) -> [UInt8] {
        let padded = bytes.first.map { $0 >= 0x80 } == true ? [0] + bytes : bytes
        return [0x02] + length(padded.count) + padded
    }

    private static func length(_ count: Int) -> [UInt8] {
        switch count {
        case ..<0x80: [UInt8(count)]
        case ..<0x100: [0x81, UInt8(count)]
        default: [0x82, UInt8(count >> 8), UInt8(count & 0xff)]
        }
    }
}
