import Synchronization

/// Which tokens the store may have a record of, so that a token that nobody here ever recorded costs no question.
///
/// A Bloom filter of about ten bits a token: it errs to one side alone, and takes some for recorded that are not. As long as it has not read
/// all records, or somebody beside this process may have written some, it takes every token for recorded. So it serves a store that this
/// process has for itself, and is never filled where other instances write too.
package final class KnownTokens: Sendable {
    private struct Filter {
        /// Blocks of 512 bits, one for each token, so that a look-up touches one line of memory.
        var words: [UInt64]
        var room: Int
        var count = 0
        var isComplete = false
        /// Of readings: one that was overtaken completes nothing.
        var reading = 0

        init(room: Int) {
            self.room = room
            words = Array(repeating: 0, count: max(1, room * 10 / 512) * 8)
        }
    }

    private static let leastRoom = 65_536
    private static let page = 4096
    /// The most tokens that it has room for: of more, all are asked of the store.
    private let limit: Int
    private let filter: Mutex<Filter>

    package init(limit: Int = 16_000_000) {
        self.limit = limit
        filter = Mutex(Filter(room: Self.leastRoom))
    }

    /// Whether there is something to read, and room for it.
    package var wantsReading: Bool { filter.withLock { !$0.isComplete && $0.room <= limit } }

    /// False only when the store has no record of the token.
    package func mayHold(_ digest: Digest) -> Bool {
        filter.withLock { filter in
            guard filter.isComplete, var place = Place(digest, in: filter.words.count) else { return true }
            for _ in 0..<Place.bits {
                let (word, mask) = place.next()
                guard filter.words[word] & mask != 0 else { return false }
            }
            return true
        }
    }

    /// These have a record now: to be told when it is committed, before anybody is answered and before the mark of changes moves.
    package func note(_ digests: some Sequence<Digest>) {
        filter.withLock { filter in
            for digest in digests { Self.add(digest, to: &filter) }
        }
    }

    /// Somebody else may have recorded tokens.
    package func distrust() {
        filter.withLock { filter in
            filter.isComplete = false
            filter.reading += 1
        }
    }

    /// Reads all records, unless it has; ends without having when it was told to distrust what it read meanwhile.
    ///
    /// - Throws: what the store throws.
    package func fill(from store: any IdentityStore) async throws {
        guard wantsReading else { return }
        var room = Self.leastRoom
        while room <= limit {
            let reading = begin(room: room)
            guard try await readAll(store, reading) else { return }
            let (isOver, count) = filter.withLock { filter in
                guard filter.reading == reading else { return (true, 0) }
                filter.isComplete = filter.count <= filter.room
                return (filter.isComplete, filter.count)
            }
            guard !isOver else { return }
            room = max(room * 2, count * 2)
        }
        // From now on all are asked of the store.
        filter.withLock { filter in
            filter = Filter(room: 0)
            filter.room = .max
        }
    }

    private func begin(room: Int) -> Int {
        filter.withLock { filter in
            let next = filter.reading + 1
            filter = Filter(room: room)
            filter.reading = next
            return next
        }
    }

    /// False when it was overtaken.
    private func readAll(_ store: any IdentityStore, _ reading: Int) async throws -> Bool {
        var last: Digest?
        while true {
            let after = last
            let digests = try await store.read { try $0.tokenDigests(after: after, limit: Self.page) }
            let isCurrent = filter.withLock { filter in
                guard filter.reading == reading else { return false }
                for digest in digests { Self.add(digest, to: &filter) }
                return true
            }
            guard isCurrent else { return false }
            guard digests.count == Self.page else { return true }
            last = digests.last
        }
    }

    private static func add(_ digest: Digest, to filter: inout Filter) {
        guard var place = Place(digest, in: filter.words.count) else { return filter.isComplete = false }
        for _ in 0..<Place.bits {
            let (word, mask) = place.next()
            filter.words[word] |= mask
        }
        filter.count += 1
        // Too full to tell much: it is read anew, with more room.
        if filter.count > filter.room { filter.isComplete = false }
    }
}

/// The bits of a token, one after the other, all in one block of 512; a digest is random enough to be its own hash.
private struct Place {
    static let bits = 7
    private let block: Int
    private var left: UInt64

    /// Nil for what is no SHA-256.
    init?(_ digest: Digest, in words: Int) {
        guard digest.bytes.count == 32 else { return nil }
        let (first, second) = digest.bytes.withUnsafeBytes { bytes in
            (bytes.loadUnaligned(as: UInt64.self), bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
        }
        block = Int(first % UInt64(words / 8)) * 8
        left = second
    }

    mutating func next() -> (word: Int, mask: UInt64) {
        defer { left >>= 9 }
        return (block + Int(left >> 6 & 7), 1 << (left & 63))
    }
}
