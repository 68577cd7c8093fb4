package import Identity

extension Occasion {
    /// The tree as JSON bytes.
    package func json(_ template: Template) -> [UInt8] {
        var writer = JSONWriter(reserving: 512)
        write(template, to: &writer)
        return writer.bytes
    }

    /// The tree as a value.
    package func value(of template: Template) -> Value {
        switch template {
        case .literal(let value): value
        case .reference(let reference): value(of: reference)
        case .text(let text): .string(words(text))
        case .list(let elements): .list(elements.map { value(of: $0) })
        case .object(let members):
            .object(
                members.compactMap { member in
                    let value = value(of: member.value)
                    return member.optional && value.isNull ? nil : Value.Member(member.name, value)
                })
        case .choice(let reference, let literal, let then, let otherwise):
            value(of: holds(reference, literal) ? then : otherwise)
        case .each(let reference, let template): .list(elements(of: reference).map { $0.value(of: template) })
        }
    }

    func write(_ template: Template, to writer: inout JSONWriter) {
        switch template {
        case .literal(let value): writer.value(value)
        case .reference(let reference): writer.value(value(of: reference))
        case .text(let text): writer.string(words(text))
        case .list(let elements):
            writer.beginList()
            for element in elements { write(element, to: &writer) }
            writer.endList()
        case .object(let members):
            writer.beginObject()
            for member in members { write(member, to: &writer) }
            writer.endObject()
        case .choice(let reference, let literal, let then, let otherwise):
            write(holds(reference, literal) ? then : otherwise, to: &writer)
        case .each(let reference, let template):
            writer.beginList()
            for occasion in elements(of: reference) { occasion.write(template, to: &writer) }
            writer.endList()
        }
    }

    private func write(_ member: Template.Member, to writer: inout JSONWriter) {
        guard member.optional else {
            writer.name(member.name)
            return write(member.value, to: &writer)
        }
        let value = value(of: member.value)
        if !value.isNull { writer.member(member.name, value) }
    }

    private func holds(_ reference: Reference, _ literal: Value?) -> Bool {
        let value = value(of: reference)
        guard let literal else { return value.isPresent }
        return value == literal
    }

    /// One occasion for each element of a list; for an object, for each of its members' values.
    private func elements(of reference: Reference) -> [Occasion] {
        let values: [Value]
        switch value(of: reference) {
        case .list(let elements): values = elements
        case .object(let members): values = members.map(\.value)
        case .null: values = []
        case let value: values = [value]
        }
        return values.map { value in
            var occasion = self
            occasion.item = value
            return occasion
        }
    }
}
