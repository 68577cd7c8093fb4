/// The header fields of an answer being written; names are compared without letter case.
struct HeaderList {
    private(set) var fields: [(name: String, value: String)] = []

    func contains(_ name: String) -> Bool { position(of: name) != nil }

    /// Sets the field to this value alone; an empty value leaves the field as it is.
    mutating func set(_ name: String, _ value: String) {
        guard !value.isEmpty else { return }
        if let position = position(of: name) {
            fields[position].value = value
        } else {
            fields.append((name: name, value: value))
        }
    }

    mutating func append(_ name: String, _ value: String) { fields.append((name: name, value: value)) }

    /// Adds a name to `Vary`.
    mutating func vary(_ name: String) {
        guard let position = position(of: "Vary") else { return append("Vary", name) }
        let known = fields[position].value.split(separator: ",").map { $0.filter { $0 != " " }.lowercased() }
        if !known.contains(name.lowercased()), !known.contains("*") { fields[position].value += ", \(name)" }
    }

    private func position(of name: String) -> Int? {
        let lower = name.lowercased()
        return fields.firstIndex { $0.name.lowercased() == lower }
    }
}
