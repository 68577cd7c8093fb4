/// What a client sent for a slot, as rules see it.
enum SentValue: Sendable {
    /// Absent, null, empty, or of a type that counts as missing.
    case nothing
    case text(String)
    /// A value of another JSON type, with its JSON text to stand in for it.
    case other(Value, text: String)

    init(_ value: Value?, wrongType: Validation.WrongType) {
        switch value {
        case nil, .null: self = .nothing
        case .string(let text): self = text.isEmpty ? .nothing : .text(text)
        case .some(let value):
            guard wrongType != .missing else {
                self = .nothing
                return
            }
            self = .other(value, text: String(decoding: JSONWriter.document(value), as: UTF8.self))
        }
    }

    var isNothing: Bool {
        guard case .nothing = self else { return false }
        return true
    }

    var isOther: Bool {
        guard case .other = self else { return false }
        return true
    }

    /// Equal byte for byte; two values that are no text are equal as JSON.
    func equals(_ other: SentValue) -> Bool {
        switch (self, other) {
        case (.nothing, .nothing): true
        case (.text(let a), .text(let b)): a.hasSameBytes(as: b)
        case (.other(_, let a), .other(_, let b)): a.hasSameBytes(as: b)
        default: false
        }
    }
}
