package import Identity

/// A table of two stores, read on both sides from the first row to the last.
package struct TableComparison: Sendable, Hashable {
    package let table: String
    package private(set) var sourceRows: Int64 = 0
    package private(set) var targetRows: Int64 = 0
    /// SHA-256 over all rows in their one written form; the same where the rows are.
    package private(set) var sourceDigest = Digest(bytes: [])
    package private(set) var targetDigest = Digest(bytes: [])
    /// The number, from 1, of the first row by primary key that is not the same.
    package private(set) var firstDifference: Int64?

    package var isEqual: Bool { firstDifference == nil && sourceRows == targetRows && sourceDigest == targetDigest }

    init(table: String) { self.table = table }

    mutating func add(_ source: [SQLRow], _ target: [SQLRow]) {
        if firstDifference == nil, source != target {
            let same = zip(source, target).prefix { $0 == $1 }.count
            firstDifference = sourceRows + Int64(same) + 1
        }
        sourceRows += Int64(source.count)
        targetRows += Int64(target.count)
        let areSame = firstDifference == nil
        sourceDigest = Self.digest(source, after: sourceDigest)
        targetDigest = areSame ? sourceDigest : Self.digest(target, after: targetDigest)
    }

    /// Each value as a letter of its kind, the length of its bytes, and these.
    private static func digest(_ rows: [SQLRow], after digest: Digest) -> Digest {
        guard !rows.isEmpty else { return digest }
        var bytes = digest.bytes
        bytes.reserveCapacity(rows.count * 512)
        for row in rows {
            for value in row.values {
                switch value {
                case .null: bytes.append(UInt8(ascii: "n"))
                case .integer(let integer):
                    bytes.append(UInt8(ascii: "i"))
                    append(UInt64(bitPattern: integer), to: &bytes)
                case .text(let text):
                    bytes.append(UInt8(ascii: "t"))
                    append(UInt64(text.utf8.count), to: &bytes)
                    bytes.append(contentsOf: text.utf8)
                case .blob(let blob):
                    bytes.append(UInt8(ascii: "b"))
                    append(UInt64(blob.count), to: &bytes)
                    bytes.append(contentsOf: blob)
                }
            }
        }
        return .sha256(bytes)
    }

    private static func append(_ number: UInt64, to bytes: inout [UInt8]) {
        withUnsafeBytes(of: number.bigEndian) { bytes.append(contentsOf: $0) }
    }
}
