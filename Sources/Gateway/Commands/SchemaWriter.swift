import DialectEngine
import Identity

/// `dragoman schema`: what editors need to complete and check while somebody types.
package enum SchemaWriter {
    package static var configuration: String { document(ConfigurationSchema.jsonSchema()) }
    package static var dialect: String { document(DialectSchema.jsonSchema()) }

    private static func document(_ value: Value) -> String { String(decoding: JSONWriter.document(value), as: UTF8.self) + "\n" }
}
