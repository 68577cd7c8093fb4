import NIOCore

/// The body of a request as it comes in: how much of it is still to be read, and where it ends.
struct BodyIntake {
    private enum Left {
        case bytes(Int)
        case chunks(ChunkedReader)
        case nothing
    }

    enum Step {
        case data(ByteBuffer)
        case end
        case needsMore
    }

    private var left: Left

    init(_ framing: BodyFraming) {
        switch framing {
        case .none, .length(0), .untilClose: left = .nothing
        case .length(let length): left = .bytes(length)
        case .chunked: left = .chunks(ChunkedReader())
        }
    }

    var isComplete: Bool { if case .nothing = left { true } else { false } }

    /// The bytes that are known to come; nil when nobody knows.
    var declared: Int? {
        switch left {
        case .nothing: 0
        case .bytes(let count): count
        case .chunks: nil
        }
    }

    /// Takes the next piece; chunks lose their framing.
    mutating func take(from bytes: inout ByteBuffer) throws(ChunkFault) -> Step {
        switch left {
        case .nothing: return .end
        case .bytes(let count):
            guard let piece = bytes.readSlice(length: min(count, bytes.readableBytes)), piece.readableBytes > 0 else { return .needsMore }
            left = count == piece.readableBytes ? .nothing : .bytes(count - piece.readableBytes)
            return .data(piece)
        case .chunks(var reader):
            let step = try reader.read(&bytes)
            switch step {
            case .data(let piece):
                left = .chunks(reader)
                return .data(piece)
            case .needsMore:
                left = .chunks(reader)
                return .needsMore
            case .end:
                left = .nothing
                return .end
            }
        }
    }
}
