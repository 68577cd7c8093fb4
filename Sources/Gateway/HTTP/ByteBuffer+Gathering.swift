import NIOCore

extension ByteBuffer {
    /// Puts what was read behind what is left of before, and lets go of what has been taken.
    ///
    /// A buffer forgets nothing by itself: if each read left a byte for the next, all that ever came over a connection would stay.
    mutating func gather(_ more: inout ByteBuffer) {
        guard readableBytes > 0 else { return swap(&self, &more) }
        discardReadBytes()
        writeBuffer(&more)
    }
}
