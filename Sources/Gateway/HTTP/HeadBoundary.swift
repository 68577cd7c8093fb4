import Glibc
import NIOCore

/// Finds where a message's head ends, however it arrives.
///
/// Every line has to end in CR LF: a bare LF is a fault, as two programs could see different messages.
struct HeadBoundary: Sendable {
    enum Step: Sendable, Hashable {
        /// The head is complete: so many bytes, its empty line included.
        case complete(Int)
        case needsMore
        /// A bare LF, or more bytes than a head may have.
        case fault
    }

    /// The most bytes of a head.
    let limit: Int
    /// Where, from the reader index, the next line begins.
    private var lineStart = 0

    init(limit: Int) { self.limit = limit }

    /// Looks at bytes that begin with the head; lines seen before are not looked at again.
    mutating func find(in bytes: ByteBuffer) -> Step {
        let limit = limit
        var start = lineStart
        let step = bytes.withUnsafeReadableBytes { bytes -> Step in
            guard let base = bytes.baseAddress else { return .needsMore }
            while start < bytes.count {
                guard let end = memchr(base + start, Int32(UInt8.lineFeed), bytes.count - start) else { break }
                let index = UnsafeRawPointer(end) - base
                guard index > start, bytes[index - 1] == .carriageReturn, index < limit else { return .fault }
                guard index > start + 1 else { return .complete(index + 1) }
                start = index + 1
            }
            return bytes.count >= limit ? .fault : .needsMore
        }
        lineStart = start
        return step
    }
}
