import NIOCore

/// Reads a chunked body piece by piece (RFC 9112 section 7.1).
///
/// Strict, as two readings of one message are the danger: lines end in CR LF, nothing stands around a size, sizes are at most 2^40.
/// Extensions and trailers are checked for their form and dropped. Whatever sizes are claimed, nothing is kept here: only a line that is not
/// complete stays in the caller's bytes, and at most `lineLimit` of it.
struct ChunkedReader: Sendable {
    /// The longest line of a size with its extensions, and the longest trailer, in bytes.
    static let lineLimit = 1024
    /// The extensions of one body, in bytes.
    static let extensionLimit = 16 << 10
    /// The trailers of one body, in bytes.
    static let trailerLimit = 8 << 10
    /// The largest chunk, in bytes.
    static let sizeLimit = 1 << 40

    private enum Place { case size, data, dataEnd, trailers, end }

    private var place = Place.size
    /// What the present chunk still has.
    private var left = 0
    private var extensionBytes = 0
    private var trailerBytes = 0

    /// Reads on, and moves the reader index behind what it has read.
    ///
    /// To be called again until the step is `.end` or `.needsMore`.
    mutating func read(_ bytes: inout ByteBuffer) throws(ChunkFault) -> ChunkedStep {
        while true {
            switch place {
            case .size:
                guard let length = try lineLength(in: bytes, fault: .size) else { return .needsMore }
                try readSize(bytes, length: length)
                bytes.moveReaderIndex(forwardBy: length + 2)
                place = left == 0 ? .trailers : .data
            case .data:
                guard let data = bytes.readSlice(length: min(left, bytes.readableBytes)), data.readableBytes > 0 else { return .needsMore }
                left -= data.readableBytes
                if left == 0 { place = .dataEnd }
                return .data(data)
            case .dataEnd:
                guard try skipLineEnd(&bytes) else { return .needsMore }
                place = .size
            case .trailers:
                guard let length = try lineLength(in: bytes, fault: .trailers) else { return .needsMore }
                try checkTrailer(bytes, length: length)
                bytes.moveReaderIndex(forwardBy: length + 2)
                if length == 0 { place = .end }
            case .end:
                return .end
            }
        }
    }

    /// The length of the line at the reader index, without its CR LF; nil when its end has not come.
    private func lineLength(in bytes: ByteBuffer, fault: ChunkFault) throws(ChunkFault) -> Int? {
        guard let end = bytes.readableBytesView.prefix(Self.lineLimit).firstIndex(of: .lineFeed) else {
            guard bytes.readableBytes < Self.lineLimit else { throw fault }
            return nil
        }
        let length = end - bytes.readerIndex - 1
        guard length >= 0, bytes.readableBytesView[end - 1] == .carriageReturn else { throw .lineEnd }
        return length
    }

    private mutating func readSize(_ bytes: ByteBuffer, length: Int) throws(ChunkFault) {
        let line = bytes.readableBytesView.prefix(length)
        var size = 0
        var digits = 0
        for byte in line {
            guard let digit = byte.hexadecimalValue else { break }
            digits += 1
            size = size << 4 | Int(digit)
            guard digits <= 16, size <= Self.sizeLimit else { throw .size }
        }
        guard digits > 0 else { throw .size }
        left = size
        guard digits < length else { return }
        let rest = line.dropFirst(digits)
        guard rest.first == UInt8(ascii: ";") else { throw .size }
        guard rest.count > 1, rest.allSatisfy(\.isFieldContent) else { throw .extensions }
        extensionBytes += rest.count
        guard extensionBytes <= Self.extensionLimit else { throw .extensions }
    }

    private func skipLineEnd(_ bytes: inout ByteBuffer) throws(ChunkFault) -> Bool {
        let view = bytes.readableBytesView
        guard let first = view.first else { return false }
        guard first == .carriageReturn else { throw .lineEnd }
        guard view.count > 1 else { return false }
        guard view[view.startIndex + 1] == .lineFeed else { throw .lineEnd }
        bytes.moveReaderIndex(forwardBy: 2)
        return true
    }

    private mutating func checkTrailer(_ bytes: ByteBuffer, length: Int) throws(ChunkFault) {
        trailerBytes += length + 2
        guard trailerBytes <= Self.trailerLimit else { throw .trailers }
        let line = bytes.readableBytesView.prefix(length)
        guard !line.isEmpty else { return }
        guard let colon = line.firstIndex(of: UInt8(ascii: ":")), colon > line.startIndex, line[..<colon].allSatisfy(\.isTokenCharacter),
            line[colon...].allSatisfy(\.isFieldContent)
        else { throw .trailers }
    }
}
