import Crypto
import Identity
import NIOCore

/// What was decided about requests that came before, by the bytes of their heads and the client's address.
///
/// A client asks the same again and again: same route, same token, same fields. Judged once, such a head is found by its SHA-256, and nothing
/// is parsed, verified or rendered again while its `Reuse` holds: not past the token's end, nor past any change of the account, the keys or
/// the configuration. Each event loop has its own, so there is no lock; bytes are bounded, and the older half is forgotten first.
final class HeadMemory {
    typealias Key = SHA256Digest

    struct Entry {
        enum Decision {
            /// A whole answer; its `Date` stands at the offset.
            case answer(ByteBuffer, dateAt: Int, EdgeAnswer)
            case forward(Forwarding)
        }

        var decision: Decision
        var reuse: Reuse
        /// Of the responder when it was decided.
        var generation: UInt64
        var exchange: EdgeConnection.Exchange
        /// About what it takes in memory.
        var bytes: Int
    }

    /// Of each half.
    private static let byteLimit = 4 << 20

    /// Of requests whose whole answer, or whose way, was known.
    let meter = MemoryMeter()
    private var young: [Key: Entry] = [:]
    private var old: [Key: Entry] = [:]
    private var youngBytes = 0

    static func key(_ head: ByteBuffer, peer: String) -> Key {
        var hash = SHA256()
        head.withUnsafeReadableBytes { hash.update(bufferPointer: $0) }
        var peer = peer
        peer.withUTF8 { hash.update(bufferPointer: UnsafeRawBufferPointer($0)) }
        return hash.finalize()
    }

    func entry(for key: Key) -> Entry? { young[key] ?? old[key] }

    func remember(_ entry: Entry, for key: Key) {
        youngBytes += entry.bytes
        if youngBytes > Self.byteLimit {
            old = young
            young = [:]
            youngBytes = entry.bytes
        }
        young[key] = entry
    }
}

@available(*, unavailable)
extension HeadMemory: Sendable {}
