package import Identity

/// A row that is read column by column, in the order in which the statement names them.
///
/// Each reader throws `StoreError.damaged` when the column is not what it was written as.
package struct SQLRow: Sendable, Equatable {
    let values: [SQLValue]
    private var next = 0

    package init(_ values: [SQLValue]) { self.values = values }

    package mutating func integer() throws -> Int64 { try required(try integerIfPresent()) }
    package mutating func text() throws -> String { try required(try textIfPresent()) }
    package mutating func blob() throws -> [UInt8] { try required(try blobIfPresent()) }

    package mutating func integerIfPresent() throws -> Int64? {
        switch take() {
        case .integer(let integer): integer
        case .null: nil
        default: throw wrong
        }
    }

    package mutating func textIfPresent() throws -> String? {
        switch take() {
        case .text(let text): text
        case .null: nil
        default: throw wrong
        }
    }

    package mutating func blobIfPresent() throws -> [UInt8]? {
        switch take() {
        case .blob(let bytes): bytes
        case .null: nil
        default: throw wrong
        }
    }

    package mutating func count() throws -> Int { Int(clamping: try integer()) }
    package mutating func flag() throws -> Bool { try integer() != 0 }
    package mutating func instant() throws -> Instant { Instant(microseconds: try integer()) }
    package mutating func instantIfPresent() throws -> Instant? { try integerIfPresent().map(Instant.init(microseconds:)) }
    package mutating func digest() throws -> Digest { Digest(bytes: try blob()) }
    package mutating func sessionID() throws -> SessionID { SessionID(bytes: try blob()) }
    package mutating func sessionIDIfPresent() throws -> SessionID? { try blobIfPresent().map(SessionID.init(bytes:)) }
    package mutating func secretID() throws -> SecretID { SecretID(bytes: try blob()) }

    package mutating func accountID() throws -> AccountID { try required(try accountIDIfPresent()) }

    package mutating func accountIDIfPresent() throws -> AccountID? {
        guard let bytes = try blobIfPresent() else { return nil }
        guard bytes.count == 16 else { throw wrong }
        let halves = bytes.map(UInt64.init)
        return AccountID(high: halves[..<8].reduce(0) { $0 << 8 | $1 }, low: halves[8...].reduce(0) { $0 << 8 | $1 })
    }

    /// A name of one of our enumerations.
    package mutating func name<Name: RawRepresentable<String>>(_ type: Name.Type = Name.self) throws -> Name {
        try required(Name(rawValue: try text()))
    }

    private mutating func take() -> SQLValue? {
        guard next < values.count else { return nil }
        next += 1
        return values[next - 1]
    }

    private func required<Wanted>(_ value: Wanted?) throws -> Wanted {
        guard let value else { throw wrong }
        return value
    }

    private var wrong: StoreError { .damaged("column \(next) of a row is not what was written") }
}
