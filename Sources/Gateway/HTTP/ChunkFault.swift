/// Why a chunked body cannot be read on; nothing that follows it on its connection means anything.
enum ChunkFault: Error, Sendable, Hashable {
    /// Not hexadecimal, over 2^40, or with something beside it that is no extension.
    case size
    /// A line that does not end in CR LF, or not where the chunk's size says.
    case lineEnd
    /// More extensions than anyone means.
    case extensions
    /// A trailer field that is none, or too many bytes of them.
    case trailers
}
