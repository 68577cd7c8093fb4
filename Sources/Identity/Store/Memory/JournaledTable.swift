/// A dictionary that can take back what was written since the last commit.
///
/// Writes stay O(1): the old row is kept beside, and nothing is copied as a whole.
struct JournaledTable<Key: Hashable & Sendable, Row: Sendable>: Sendable {
    private(set) var rows: [Key: Row] = [:]
    private var before: [(key: Key, row: Row?)] = []

    subscript(key: Key) -> Row? {
        get { rows[key] }
        set {
            let old = if let newValue { rows.updateValue(newValue, forKey: key) } else { rows.removeValue(forKey: key) }
            before.append((key, old))
        }
    }

    mutating func commit() { before.removeAll(keepingCapacity: true) }

    mutating func rollback() {
        for (key, row) in before.reversed() { rows[key] = row }
        commit()
    }

    /// The keys of at most `limit` rows that are over, those that have been for longest first.
    func keys(limit: Int, over: (Row) -> Instant?) -> [Key] {
        rows.compactMap { key, row in over(row).map { (key: key, end: $0) } }
            .sorted { $0.end < $1.end }.prefix(limit).map(\.key)
    }
}
