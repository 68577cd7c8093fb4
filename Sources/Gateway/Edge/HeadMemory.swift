import Identity
import NIOCore

/// What was decided about requests that came before, by the bytes of their heads and the client's address.
///
/// A client asks the same again and again: same route, same token, same fields. Judged once, such a head is known by its bytes, and nothing
/// is parsed, verified or rendered again while its `Reuse` holds: not past the token's end, nor past any change of the account, the keys or
/// the configuration. Each event loop has its own, so there is no lock; bytes are bounded, and the older half is forgotten first.
final class HeadMemory {
    /// A head as it came, and from where.
    ///
    /// Found by a hash that nobody outside can foretell, and taken for the same only when every byte is. Bytes are compared only where the
    /// hashes agree already, so the time that it takes tells nothing of a token.
    struct Key: Equatable {
        let hash: Int
        private let head: ByteBuffer
        private let peer: String

        init(_ head: ByteBuffer, peer: String) {
            var hasher = Hasher()
            head.withUnsafeReadableBytes { hasher.combine(bytes: $0) }
            hasher.combine(peer)
            (self.head, self.peer, hash) = (head, peer, hasher.finalize())
        }

        private init(copyOf key: Key) { (head, peer, hash) = (ByteBuffer(buffer: key.head), key.peer, key.hash) }

        /// With bytes of its own, where others have those of all that was read with it.
        var kept: Key { Key(copyOf: self) }

        var bytes: Int { head.readableBytes }
    }

    final class Entry {
        enum Decision {
            /// A whole answer; its `Date` stands at the offset.
            case answer(ByteBuffer, dateAt: Int, Shared<EdgeAnswer>)
            case forward(Shared<Forwarding>)
        }

        fileprivate let key: Key
        let decision: Decision
        let reuse: Reuse
        let arrival: Arrival
        /// About what it takes in memory.
        fileprivate let bytes: Int

        /// `bytes`: about what the decision takes in memory.
        init(_ key: Key, _ decision: Decision, _ reuse: Reuse, _ arrival: Arrival, bytes: Int) {
            self.key = key.kept
            self.decision = decision
            self.reuse = reuse
            self.arrival = arrival
            self.bytes = bytes + key.bytes + arrival.bytes
        }
    }

    /// Of each half.
    private static let byteLimit = 4 << 20

    /// Of requests whose whole answer, or whose way, was known.
    let meter = MemoryMeter()
    private var young: [Int: Entry] = [:]
    private var old: [Int: Entry] = [:]
    private var youngBytes = 0

    func entry(for key: Key) -> Entry? {
        guard let found = young[key.hash] ?? old[key.hash], found.key == key else { return nil }
        return found
    }

    func remember(_ entry: Entry) {
        youngBytes += entry.bytes
        if youngBytes > Self.byteLimit {
            old = young
            young = [:]
            youngBytes = entry.bytes
        }
        young[entry.key.hash] = entry
    }
}

@available(*, unavailable)
extension HeadMemory: Sendable {}

@available(*, unavailable)
extension HeadMemory.Entry: Sendable {}
