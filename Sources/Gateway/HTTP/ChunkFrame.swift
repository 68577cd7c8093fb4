import NIOCore

/// Writes chunks (RFC 9112 section 7.1), without extensions and trailers.
enum ChunkFrame {
    static let lineEnd = ByteBuffer(string: "\r\n")
    /// What ends a body.
    static let last = ByteBuffer(string: "0\r\n\r\n")
    /// Up to that many bytes are copied into one buffer with their frame: cheaper than three.
    private static let copied = 4096

    /// Gives the bytes as one chunk, piece by piece; nothing for no bytes, as an empty chunk would end the body.
    static func frame(_ bytes: ByteBuffer, _ write: (ByteBuffer) -> Void) {
        let count = bytes.readableBytes
        guard count > 0 else { return }
        var head = ByteBufferAllocator().buffer(capacity: count <= copied ? count + 20 : 20)
        writeSize(count, into: &head)
        guard count > copied else {
            head.writeImmutableBuffer(bytes)
            head.writeImmutableBuffer(lineEnd)
            return write(head)
        }
        write(head)
        write(bytes)
        write(lineEnd)
    }

    private static func writeSize(_ size: Int, into buffer: inout ByteBuffer) {
        var shift = (size.bitWidth - size.leadingZeroBitCount + 3) / 4 * 4
        while shift > 0 {
            shift -= 4
            let digit = UInt8(truncatingIfNeeded: size >> shift) & 0xF
            buffer.writeInteger(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10)
        }
        buffer.writeImmutableBuffer(lineEnd)
    }
}
