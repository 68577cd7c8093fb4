/// What crosses between a wire, a dialect and the engine: JSON's kinds, plus moments.
///
/// Objects keep the order of their members. Integers and other numbers are told apart as written (`1` is `.int`, `1.0` and `1e3` are `.number`).
package enum Value: Sendable, Hashable {
    case null
    case bool(Bool)
    case int(Int64)
    /// A JSON number that is not a plain 64-bit integer, kept as it was written.
    case number(String)
    case string(String)
    case time(Instant)
    case list([Value])
    case object([Member])

    /// One member of an object.
    package struct Member: Sendable, Hashable {
        package var name: String
        package var value: Value

        package init(_ name: String, _ value: Value) {
            self.name = name
            self.value = value
        }
    }

    /// The member's value; nil when this is not an object or has no such member.
    ///
    /// Names are compared byte by byte.
    package subscript(name: String) -> Value? {
        guard case .object(let members) = self else { return nil }
        return members.first { $0.name.hasSameBytes(as: name) }?.value
    }

    package var string: String? {
        guard case .string(let string) = self else { return nil }
        return string
    }

    package var int: Int64? {
        guard case .int(let int) = self else { return nil }
        return int
    }

    package var bool: Bool? {
        guard case .bool(let bool) = self else { return nil }
        return bool
    }

    package var isNull: Bool { self == .null }
}
