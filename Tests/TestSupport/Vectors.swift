import Foundation
package import Identity

/// Third-party vectors, which stand beside the checkout in `shared/vectors` and are not part of the project.
package enum Vectors {
    /// A file's path, found upward from this file; nil when it is absent.
    package static func path(_ name: String) -> String? {
        var place = URL(fileURLWithPath: #filePath)
        while place.path != "/" {
            place.deleteLastPathComponent()
            let file = place.appendingPathComponent("shared/vectors/" + name)
            if FileManager.default.fileExists(atPath: file.path) { return file.path }
        }
        return nil
    }

    /// A JSON file's document; nil when it is absent.
    package static func document(_ name: String) throws -> Value? {
        guard let path = path(name), let bytes = FileManager.default.contents(atPath: path) else { return nil }
        return try JSONReader.read([UInt8](bytes), limits: .init(maxDepth: 64, maxMembers: 1_000_000, maxBytes: 1 << 24))
    }
}

extension Value {
    /// The elements of a list; empty for anything else.
    package var elements: [Value] {
        guard case .list(let elements) = self else { return [] }
        return elements
    }
}
