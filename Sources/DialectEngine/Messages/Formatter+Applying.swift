package import Identity

extension Formatter {
    /// What becomes of the value; null stays null under all but `default`, `count` and `first`'s own result.
    package func applied(to value: Value) -> Value {
        switch self {
        case .default(let words): value.isNull || value.string == "" ? .string(words) : value
        case .count: .int(Self.count(of: value))
        default: value.isNull ? .null : changed(value)
        }
    }

    private func changed(_ value: Value) -> Value {
        switch self {
        case .string: .string(value.shown)
        case .int: Self.int(value)
        case .lower: Self.text(value) { $0.lowercased() }
        case .upper: Self.text(value) { $0.uppercased() }
        case .capitalized: Self.text(value) { $0.prefix(1).uppercased() + $0.dropFirst() }
        case .iso: Self.moment(value) { .string($0.iso8601) }
        case .isoMilliseconds: Self.moment(value) { .string($0.iso8601Milliseconds) }
        case .epoch: Self.moment(value) { .int($0.seconds) }
        case .epochMilliseconds: Self.moment(value) { .int(Self.milliseconds($0)) }
        case .date(let pattern): Self.moment(value) { .string($0.formatted(pattern: pattern)) }
        case .prefix(let words): .string(words + value.shown)
        case .suffix(let words): .string(value.shown + words)
        case .join(let separator): .string(Self.elements(of: value).map(\.shown).joined(separator: separator))
        case .first: Self.first(of: value)
        case .enum(let table): table[value.shown].map(Value.string) ?? value
        case .mask: .string(Self.masked(value.shown))
        case .base64url: .string(Base64URL.encode(value.shown.utf8))
        case .url: .string(Escape.url(value.shown))
        case .default, .count: value
        }
    }

    private static func text(_ value: Value, _ change: (String) -> String) -> Value {
        guard let string = value.string else { return value }
        return .string(change(string))
    }

    private static func moment(_ value: Value, _ write: (Instant) -> Value) -> Value {
        guard case .time(let moment) = value else { return value }
        return write(moment)
    }

    /// Whole numbers, read from texts too; null for what is none.
    private static func int(_ value: Value) -> Value {
        switch value {
        case .int: value
        case .bool(let bool): .int(bool ? 1 : 0)
        case .time(let moment): .int(moment.seconds)
        case .string(let text), .number(let text): Int64(text).map(Value.int) ?? .null
        case .null, .list, .object: .null
        }
    }

    private static func milliseconds(_ moment: Instant) -> Int64 {
        let (quotient, remainder) = moment.microseconds.quotientAndRemainder(dividingBy: 1000)
        return remainder < 0 ? quotient - 1 : quotient
    }

    private static func count(of value: Value) -> Int64 {
        switch value {
        case .null: 0
        case .list(let elements): Int64(elements.count)
        case .object(let members): Int64(members.count)
        case .string(let text): Int64(text.unicodeScalars.count)
        case .bool, .int, .number, .time: 1
        }
    }

    /// A list's elements or an object's values; anything else alone.
    private static func elements(of value: Value) -> [Value] {
        switch value {
        case .list(let elements): elements
        case .object(let members): members.map(\.value)
        default: [value]
        }
    }

    private static func first(of value: Value) -> Value {
        switch value {
        case .list, .object: elements(of: value).first ?? .null
        default: value
        }
    }

    /// The first character, and an address's domain.
    private static func masked(_ text: String) -> String {
        let domain = text.lastIndex(of: "@").map { text[$0...] } ?? ""
        return "\(text.prefix(1))***\(domain)"
    }
}

extension Value {
    /// The value as words show it: nothing for null, no quotes around a text, JSON for an object.
    package var shown: String {
        switch self {
        case .null: ""
        case .bool(let bool): bool ? "true" : "false"
        case .int(let int): String(int)
        case .number(let text), .string(let text): text
        case .time(let moment): moment.iso8601Milliseconds
        case .list(let elements): elements.map(\.shown).joined(separator: ", ")
        case .object: String(decoding: JSONWriter.document(self), as: UTF8.self)
        }
    }

    /// Whether a dialect's condition counts the value as there: not null, false, an empty text or an empty list.
    var isPresent: Bool {
        switch self {
        case .null, .bool(false), .string(""), .list([]): false
        default: true
        }
    }
}
