import Crypto

/// The hashes of a credential as it was shown, made in one walk: of all its bytes, and of what a token's signature is over.
struct TokenHashes {
    /// By which it is remembered.
    let whole: SHA256Digest
    /// Nil when it is no token: nothing of it is believed, or even read, for having one.
    let signed: SHA256Digest?

    init(_ text: String) {
        var text = text
        (whole, signed) = text.withUTF8 { text in
            let bytes = UnsafeRawBufferPointer(text)
            guard bytes.count <= JWSReading.maxBytes, let end = bytes.lastIndex(of: UInt8(ascii: ".")) else {
                return (SHA256.hash(data: bytes), nil)
            }
            var state = SHA256()
            state.update(bufferPointer: UnsafeRawBufferPointer(rebasing: bytes[..<end]))
            let signed = state.finalize()
            state.update(bufferPointer: UnsafeRawBufferPointer(rebasing: bytes[end...]))
            return (state.finalize(), signed)
        }
    }
}
