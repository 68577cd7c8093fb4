import DialectEngine
package import Identity

extension ConfigurationSchema {
    /// The JSON Schema (draft 2020-12) of `config.yaml`.
    ///
    /// Any scalar may also be `env:NAME`, `env:NAME|default` or `file:PATH`.
    package static func jsonSchema() -> Value {
        guard case .object(let members) = schema(root) else { return .null }
        let head: [Value.Member] = [
            .init("$schema", .string("https://json-schema.org/draft/2020-12/schema")),
            .init("title", .string("The configuration of Dragoman")),
        ]
        let source = Value.object([.init("type", .string("string")), .init("pattern", .string("^(env|file):."))])
        return .object(head + members + [.init("$defs", .object([.init("source", source)]))])
    }

    private static func schema(_ shape: MapShape) -> Value {
        let properties = shape.keys.map { key -> Value.Member in
            guard case .object(let members) = schema(key.type) else { return .init(key.name, .object([])) }
            var meaning = key.meaning
            if case .standard(let standard) = key.need { meaning += "; default: \(standard)" }
            return .init(key.name, .object([.init("description", .string(meaning))] + members))
        }
        let required = shape.keys.filter { $0.need == .required }.map { Value.string($0.name) }
        return .object(
            [.init("type", .string("object")), .init("properties", .object(properties)), .init("additionalProperties", .bool(false))]
                + (required.isEmpty ? [] : [.init("required", .list(required))]))
    }

    private static func schema(_ type: SchemaType) -> Value {
        switch type {
        case .map(let shape): schema(shape)
        case .list(let item): .object([.init("type", .string("array")), .init("items", schema(item))])
        case .table(let value, _): .object([.init("type", .string("object")), .init("additionalProperties", schema(value))])
        case .choice(let names): orSource([.init("enum", .list(names.map(Value.string) + names.compactMap { Int64($0).map(Value.int) }))])
        case .either(let types): .object([.init("anyOf", .list(types.map(schema)))])
        case .bool: orSource([.init("type", .string("boolean"))])
        default: .object([.init("type", .list(["string", "number", "boolean", "null"].map(Value.string)))])
        }
    }

    private static func orSource(_ members: [Value.Member]) -> Value {
        .object([.init("anyOf", .list([.object(members), .object([.init("$ref", .string("#/$defs/source"))])]))])
    }
}
