import DialectEngine
import Identity
import Testing

struct DialectSchemaTests {
    @Test func `the JSON Schema describes every key and refers to nothing missing`() throws {
        let schema = DialectSchema.jsonSchema()
        let properties = try #require(schema["properties"])
        for key in DialectSchema.root.keys { #expect(properties[key.name]?["description"] != nil, "\(key.name)") }
        let definitions = try #require(schema["$defs"])
        var references: Set<String> = []
        collect(schema, &references)
        for reference in references {
            let name = reference.dropFirst("#/$defs/".count)
            #expect(definitions[String(name)] != nil, "\(reference)")
        }
        #expect(references.contains("#/$defs/route"))
        #expect(JSONWriter.document(schema).count < 400_000)
    }

    private func collect(_ value: Value, _ references: inout Set<String>) {
        switch value {
        case .object(let members):
            for member in members {
                if member.name == "$ref", let text = member.value.string { references.insert(text) }
                collect(member.value, &references)
            }
        case .list(let items): for item in items { collect(item, &references) }
        default: break
        }
    }
}
