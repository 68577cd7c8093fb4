/// The names by which an account is found and of which no two accounts of a realm share one.
package enum IdentifierKind: String, Sendable, Hashable, CaseIterable {
    case email
    case username
    case phone

    package var slot: Slot {
        switch self {
        case .email: .email
        case .username: .username
        case .phone: .phone
        }
    }

    /// The kind that a slot holds; nil for `identifier`, which holds any, and for all that is no identifier.
    package init?(slot: Slot) {
        guard let kind = Self.allCases.first(where: { $0.slot == slot }) else { return nil }
        self = kind
    }
}

/// How an identifier that a client types meets the stored one.
///
/// Uniqueness always ignores ASCII letter case.
package enum Folding: String, Sendable, Hashable, CaseIterable {
    /// Stored as typed, looked up byte for byte.
    case exact
    /// Stored and looked up with ASCII letters lowered.
    case folded
}

/// The form of an identifier under which it is unique: ASCII letters lowered, every other byte kept.
///
/// One function for every store.
///
/// Equal only byte for byte, as in a database: a composed and a decomposed `é` are two keys.
package struct IdentifierKey: Sendable, Hashable {
    package let text: String

    package init(_ identifier: String) {
        text = identifier.loweringASCII()
    }

    package static func == (a: IdentifierKey, b: IdentifierKey) -> Bool { a.text.hasSameBytes(as: b.text) }

    package func hash(into hasher: inout Hasher) {
        var text = text
        text.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
    }
}

extension String {
    /// The string with `A` to `Z` lowered and nothing else touched, unlike `lowercased()`, which maps the Kelvin sign to `k`.
    package func loweringASCII() -> String {
        guard utf8.contains(where: { $0 >= 0x41 && $0 <= 0x5A }) else { return self }
        return String(decoding: utf8.map { $0 >= 0x41 && $0 <= 0x5A ? $0 | 0x20 : $0 }, as: UTF8.self)
    }

    /// The string without white space and control characters of ASCII at its ends.
    func trimmingSpaces() -> String {
        let isSpace = { (byte: UInt8) in byte <= 0x20 }
        let trimmed = utf8.drop(while: isSpace).reversed().drop(while: isSpace).reversed()
        return String(decoding: Array(trimmed), as: UTF8.self)
    }

    /// Equality byte for byte; `==` takes canonically equivalent texts for equal, which a database does not.
    package func hasSameBytes(as other: String) -> Bool {
        var (one, other) = (self, other)
        return one.withUTF8 { one in other.withUTF8 { other in one.count == other.count && one.elementsEqual(other) } }
    }
}
