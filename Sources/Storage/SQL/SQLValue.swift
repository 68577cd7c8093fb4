package import Identity

/// What goes into a parameter and comes out of a column.
package enum SQLValue: Sendable, Hashable {
    case null
    case integer(Int64)
    case text(String)
    case blob([UInt8])
}

/// What can stand for a parameter.
package protocol SQLBindable {
    var sqlValue: SQLValue { get }
}

extension Int64: SQLBindable { package var sqlValue: SQLValue { .integer(self) } }
extension Int: SQLBindable { package var sqlValue: SQLValue { .integer(Int64(self)) } }
extension Bool: SQLBindable { package var sqlValue: SQLValue { .integer(self ? 1 : 0) } }
extension String: SQLBindable { package var sqlValue: SQLValue { .text(self) } }
extension Array: SQLBindable where Element == UInt8 { package var sqlValue: SQLValue { .blob(self) } }
extension Optional: SQLBindable where Wrapped: SQLBindable {
    package var sqlValue: SQLValue { self?.sqlValue ?? .null }
}

extension Instant: SQLBindable { package var sqlValue: SQLValue { .integer(microseconds) } }
extension IdentifierKey: SQLBindable { package var sqlValue: SQLValue { .text(text) } }
extension Digest: SQLBindable { package var sqlValue: SQLValue { .blob(bytes) } }
extension SessionID: SQLBindable { package var sqlValue: SQLValue { .blob(bytes) } }
extension SecretID: SQLBindable { package var sqlValue: SQLValue { .blob(bytes) } }
extension AccountID: SQLBindable {
    /// 16 bytes, most significant first, so that a database sorts ids as we do.
    package var sqlValue: SQLValue {
        .blob([high, low].flatMap { half in (0..<8).map { UInt8(truncatingIfNeeded: half >> UInt64(56 - 8 * $0)) } })
    }
}
