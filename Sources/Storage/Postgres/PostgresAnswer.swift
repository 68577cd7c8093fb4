import CLibpq
import Identity

/// What one statement gave.
struct PostgresAnswer {
    var rows: [SQLRow] = []
    /// How many rows were written.
    var written = 0
    /// What was done, as the server names it: `COMMIT`, or `ROLLBACK` in its place.
    var tag = ""

    /// The object identifiers of the types that we write.
    enum TypeID {
        static let bool: Oid = 16
        static let bytea: Oid = 17
        static let int8: Oid = 20
        static let int2: Oid = 21
        static let int4: Oid = 23
    }

    init() {}

    /// Reads a result whose columns are all in the binary form.
    init(_ result: OpaquePointer) {
        if let count = PQcmdTuples(result) { written = Int(String(cString: count)) ?? 0 }
        if let status = PQcmdStatus(result) { tag = String(cString: status) }
        let types = (0..<PQnfields(result)).map { PQftype(result, $0) }
        rows = (0..<PQntuples(result)).map { row in
            SQLRow(types.indices.map { column in Self.value(result, row, CInt(column), types[column]) })
        }
    }

    private static func value(_ result: OpaquePointer, _ row: CInt, _ column: CInt, _ type: Oid) -> SQLValue {
        guard PQgetisnull(result, row, column) == 0, let start = PQgetvalue(result, row, column) else { return .null }
        let bytes = UnsafeRawBufferPointer(start: start, count: Int(PQgetlength(result, row, column)))
        return switch type {
        case TypeID.int8, TypeID.int4, TypeID.int2: .integer(integer(bytes))
        case TypeID.bool: .integer(bytes.first == 1 ? 1 : 0)
        case TypeID.bytea: .blob(Array(bytes))
        default: .text(String(decoding: bytes, as: UTF8.self))
        }
    }

    private static func integer(_ bytes: UnsafeRawBufferPointer) -> Int64 {
        let isNegative = (bytes.first ?? 0) & 0x80 != 0
        return bytes.reduce(isNegative ? -1 : 0) { $0 << 8 | Int64($1) }
    }
}
