package import Identity

extension DialectSchema {
    /// The JSON Schema (draft 2020-12) of `dialect.yaml`, for editors that complete and check while somebody types.
    ///
    /// `$settings.NAME` may stand for any scalar, and a choice over a setting for anything at all.
    package static func jsonSchema() -> Value {
        var definitions: [String: Value] = [:]
        let root = schema(root, &definitions)
        guard case .object(let members) = root else { return root }
        let head: [Value.Member] = [
            .init("$schema", .string("https://json-schema.org/draft/2020-12/schema")),
            .init("title", .string("A dialect of Dragoman")),
        ]
        let shelf = definitions.keys.sorted().compactMap { name in definitions[name].map { Value.Member(name, $0) } }
        return .object(head + members + [.init("$defs", .object(shelf + [.init("setting", settingReference), .init("branch", branch)]))])
    }

    private static let settingReference = Value.object([
        .init("type", .string("string")), .init("pattern", .string("^\\$settings\\.[^|]+$")),
    ])

    private static let branch = Value.object([
        .init("type", .string("object")), .init("required", .list([.string("when"), .string("then")])),
        .init(
            "properties",
            .object([
                .init("when", reference("setting")), .init("is", .object([])), .init("then", .object([])), .init("else", .object([])),
            ])),
        .init("additionalProperties", .bool(false)),
    ])

    private static func reference(_ name: String) -> Value { .object([.init("$ref", .string("#/$defs/\(name)"))]) }

    private static func schema(_ shape: MapShape, _ definitions: inout [String: Value]) -> Value {
        let properties = shape.keys.map { key -> Value.Member in
            var members: [Value.Member] = [.init("description", .string(key.meaning))]
            if case .standard(let standard) = key.need { members[0].value = .string("\(key.meaning); default: \(standard)") }
            members.append(.init("anyOf", .list([schema(key.type, &definitions), reference("branch")])))
            return .init(key.name, .object(members))
        }
        // A dialect that extends another leaves out what that one has.
        let required = shape.keys.filter { $0.need == .required && shape.name != Self.root.name }.map { Value.string($0.name) }
        return .object(
            [.init("type", .string("object")), .init("properties", .object(properties)), .init("additionalProperties", .bool(false))]
                + (required.isEmpty ? [] : [.init("required", .list(required))]))
    }

    private static func schema(_ type: SchemaType, _ definitions: inout [String: Value]) -> Value {
        switch type {
        case .text: scalar([("type", .list([.string("string"), .string("number"), .string("boolean")]))], settings: false)
        case .scalar: scalar([("type", .list(["string", "number", "boolean", "null"].map(Value.string)))], settings: false)
        case .bool: scalar([("type", .string("boolean"))])
        case .int(let range): scalar([("type", .string("integer"))] + bounds(range))
        case .duration: scalar([("type", .string("string")), ("pattern", .string("^[0-9]+[smhd]$"))])
        case .bytes: scalar([("type", .list([.string("string"), .string("integer")])), ("pattern", .string("^[0-9]+([KM]iB)?$"))])
        case .range: scalar([("type", .list([.string("string"), .string("integer")])), ("pattern", .string("^[0-9]+\\.\\.\\.[0-9]+$"))])
        case .choice(let names):
            // Plain `true` is a boolean to an editor.
            scalar([("enum", .list(names.map(Value.string) + (names.contains("true") ? [.bool(true)] : [])))])
        case .list(let item): .object([.init("type", .string("array")), .init("items", schema(item, &definitions))])
        case .map(let shape): defined(shape, &definitions)
        case .table(let value, _):
            .object([.init("type", .string("object")), .init("additionalProperties", schema(value, &definitions))])
        case .pair(let value, _):
            .object([
                .init("type", .string("object")), .init("minProperties", .int(1)), .init("maxProperties", .int(1)),
                .init("additionalProperties", schema(value, &definitions)),
            ])
        case .either(let types): .object([.init("anyOf", .list(types.map { schema($0, &definitions) }))])
        case .tree: .object([])
        }
    }

    private static func scalar(_ members: [(String, Value)], settings: Bool = true) -> Value {
        let own = Value.object(members.map { .init($0.0, $0.1) })
        return settings ? .object([.init("anyOf", .list([own, reference("setting")]))]) : own
    }

    private static func bounds(_ range: ClosedRange<Int>) -> [(String, Value)] {
        var bounds: [(String, Value)] = []
        if range.lowerBound != .min { bounds.append(("minimum", .int(Int64(range.lowerBound)))) }
        if range.upperBound != .max { bounds.append(("maximum", .int(Int64(range.upperBound)))) }
        return bounds
    }

    /// Shapes stand once under `$defs`; two of one name with other keys get numbers.
    private static func defined(_ shape: MapShape, _ definitions: inout [String: Value]) -> Value {
        let stem = shape.name.split(separator: " ").filter { $0 != "a" && $0 != "an" }.joined(separator: "-")
        var name = stem
        var number = 1
        let value = schema(shape, &definitions)
        while let other = definitions[name], other != value {
            number += 1
            name = "\(stem)-\(number)"
        }
        definitions[name] = value
        return reference(name)
    }
}
