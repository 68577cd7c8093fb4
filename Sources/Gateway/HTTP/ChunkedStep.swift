import NIOCore

/// What a piece of a chunked body came to.
enum ChunkedStep: Sendable, Hashable {
    /// Never empty; shares the bytes that were read.
    case data(ByteBuffer)
    /// The body is complete; what is left of the bytes is not its own.
    case end
    /// What is left of the bytes, if any, is to be shown again with more behind it.
    case needsMore
}
