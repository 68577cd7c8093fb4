import CLibpq

/// A statement's values as libpq takes them, all in the binary form: one run of bytes and where each value stands in it.
struct PostgresValues {
    let types: [Oid]
    private var bytes: [UInt8] = []
    private var places: [Range<Int>?] = []

    init(_ values: [SQLValue]) {
        types = values.map { value in
            switch value {
            // The server knows from the column.
            case .null: 0
            case .integer: PostgresAnswer.TypeID.int8
            case .text: 25
            case .blob: PostgresAnswer.TypeID.bytea
            }
        }
        for value in values {
            let start = bytes.count
            switch value {
            case .null:
                places.append(nil)
                continue
            case .integer(let integer): withUnsafeBytes(of: integer.bigEndian) { bytes.append(contentsOf: $0) }
            case .text(let text): bytes.append(contentsOf: text.utf8)
            case .blob(let blob): bytes.append(contentsOf: blob)
            }
            places.append(start..<bytes.count)
        }
        // An empty run has no address, and a value without an address is NULL.
        bytes.append(0)
    }

    /// Calls the body with count, values, lengths and formats.
    func pass<Result>(
        _ body: (CInt, UnsafePointer<UnsafePointer<CChar>?>?, UnsafePointer<CInt>?, UnsafePointer<CInt>?) -> Result
    ) -> Result {
        bytes.withUnsafeBytes { run in
            let base = run.baseAddress?.assumingMemoryBound(to: CChar.self)
            let starts = places.map { place in place.flatMap { place in base.map { $0 + place.lowerBound } } }
            let lengths = places.map { CInt($0?.count ?? 0) }
            let formats = [CInt](repeating: 1, count: places.count)
            return starts.withUnsafeBufferPointer { starts in
                lengths.withUnsafeBufferPointer { lengths in
                    formats.withUnsafeBufferPointer { formats in
                        body(CInt(places.count), starts.baseAddress, lengths.baseAddress, formats.baseAddress)
                    }
                }
            }
        }
    }
}
