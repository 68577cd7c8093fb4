import Crypto
import Identity
import NIOCore

/// What was decided about requests that came before, by the bytes of their heads and the client's address.
///
/// A client asks the same again and again: same route, same token, same fields. Judged once, such a head is found by its SHA-256, and nothing
/// is parsed, verified or rendered again while its `Reuse` holds: not past the token's end, nor past any change of the account, the keys or
/// the configuration. Each event loop has its own, so there is no lock; bytes are bounded, and the older half is forgotten first.
final class HeadMemory {
    /// The SHA-256 of a head and of the address it came from.
    struct Key: Hashable, Sendable {
        private let words: (UInt64, UInt64, UInt64, UInt64)

        init(_ digest: SHA256Digest) {
            words = digest.withUnsafeBytes { bytes in
                let word = { (place: Int) in bytes.loadUnaligned(fromByteOffset: place * 8, as: UInt64.self) }
                return (word(0), word(1), word(2), word(3))
            }
        }

        static func == (one: Key, other: Key) -> Bool { one.words == other.words }

        /// A part of a digest is as even as the whole.
        func hash(into hasher: inout Hasher) { hasher.combine(words.0) }
    }

    final class Entry {
        enum Decision {
            /// A whole answer; its `Date` stands at the offset.
            case answer(ByteBuffer, dateAt: Int, Shared<EdgeAnswer>)
            case forward(Shared<Forwarding>)
        }

        let decision: Decision
        let reuse: Reuse
        let arrival: Arrival
        /// About what it takes in memory.
        let bytes: Int

        init(_ decision: Decision, _ reuse: Reuse, _ arrival: Arrival, bytes: Int) {
            self.decision = decision
            self.reuse = reuse
            self.arrival = arrival
            self.bytes = bytes
        }
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
        return Key(hash.finalize())
    }

    func entry(for key: Key) -> Entry? { young[key] ?? old[key] }

    func remember(_ entry: Entry) {
        youngBytes += entry.bytes
        if youngBytes > Self.byteLimit {
            old = young
            young = [:]
            youngBytes = entry.bytes
        }
        young[entry.arrival.key] = entry
    }
}

@available(*, unavailable)
extension HeadMemory: Sendable {}

@available(*, unavailable)
extension HeadMemory.Entry: Sendable {}
