import Identity

/// An account's attributes as one JSON text.
///
/// JSON has no moments, so these are `{"t":MICROSECONDS}`, and objects, to be told from them, `{"o":{...}}`.
enum AttributeText {
    private static let limits = JSONReader.Limits(maxDepth: 256, maxMembers: 100_000, maxBytes: 1 << 24)

    static func write(_ attributes: [String: Value]) -> String {
        let members = attributes.sorted { $0.key < $1.key }.map { Value.Member($0.key, wrap($0.value)) }
        return String(decoding: JSONWriter.document(.object(members)), as: UTF8.self)
    }

    static func read(_ text: String) throws -> [String: Value] {
        guard case .object(let members)? = try? JSONReader.read(text.utf8, limits: limits) else { throw damaged }
        var attributes: [String: Value] = [:]
        for member in members { attributes[member.name] = try unwrap(member.value) }
        return attributes
    }

    private static func wrap(_ value: Value) -> Value {
        switch value {
        case .time(let instant): .object([Value.Member("t", .int(instant.microseconds))])
        case .object(let members): .object([Value.Member("o", .object(members.map { Value.Member($0.name, wrap($0.value)) }))])
        case .list(let elements): .list(elements.map(wrap))
        case .null, .bool, .int, .number, .string: value
        }
    }

    private static func unwrap(_ value: Value) throws -> Value {
        switch value {
        case .object(let members):
            guard members.count == 1 else { throw damaged }
            switch (members[0].name, members[0].value) {
            case ("t", .int(let microseconds)): return .time(Instant(microseconds: microseconds))
            case ("o", .object(let inner)): return .object(try inner.map { Value.Member($0.name, try unwrap($0.value)) })
            default: throw damaged
            }
        case .list(let elements): return .list(try elements.map(unwrap))
        case .null, .bool, .int, .number, .string, .time: return value
        }
    }

    private static let damaged = StoreError.damaged("an account's attributes cannot be read")
}
