import Identity

/// Fills the slots of a route from what a request carries.
struct SlotFilling {
    let bodies: BodyPolicy
    let parameters: [String: String]
    var fields: RequestFields

    /// The slots that were sent, those sent as null included.
    mutating func slots(of route: Route) -> [Slot: SlotValue] {
        var slots: [Slot: SlotValue] = [:]
        for source in route.slots {
            guard let value = value(for: source) else { continue }
            slots[source.slot] = SlotValue(value, wireName: source.wireName)
        }
        return slots
    }

    /// Why a place that the route takes slots from cannot be read; nil when all can.
    mutating func unreadable(for route: Route) -> FailureKind? {
        for source in route.slots.lazy.flatMap(\.sources) {
            switch source {
            case .body: if case .refused(let kind) = fields.body() { return kind }
            case .query: if case .refused(let kind) = fields.query() { return kind }
            case .header, .cookie, .path, .constant: break
            }
        }
        return nil
    }

    /// The first source that has a value; else a null or an empty text where one was sent.
    private mutating func value(for source: SlotSource) -> Value? {
        var empty: Value?
        for place in source.sources {
            guard let found = fields.value(of: place, parameters: parameters) else { continue }
            var value = trimmed(found.value, for: source.slot)
            if found.isText { value = Self.typed(value, as: source.kind) }
            if source.lenient, !Self.fits(value, source) { continue }
            if !value.isNull, value.string != "" { return value }
            empty = empty ?? value
        }
        return empty
    }

    private func trimmed(_ value: Value, for slot: Slot) -> Value {
        guard case .string(let text) = value else { return value }
        if bodies.blank.contains(slot), Whitespace.trimmed(text).isEmpty { return .string("") }
        guard !slot.isPassword else { return value }
        switch bodies.trimming {
        case .none: return value
        case .all: return .string(Whitespace.trimmed(text))
        case .slots(let slots): return slots.contains(slot) ? .string(Whitespace.trimmed(text)) : value
        }
    }

    /// What a text means where only texts can be sent.
    private static func typed(_ value: Value, as kind: Attribute.Kind) -> Value {
        guard case .string(let text) = value else { return value }
        switch (kind, text) {
        case (.bool, "true"), (.bool, "1"), (.bool, "on"): return .bool(true)
        case (.bool, "false"), (.bool, "0"), (.bool, "off"): return .bool(false)
        case (.int, _): return Int64(text).map(Value.int) ?? value
        default: return value
        }
    }

    private static func fits(_ value: Value, _ source: SlotSource) -> Bool {
        switch (source.kind, value) {
        case (_, .null), (.int, .int), (.bool, .bool), (.time, .time): true
        case (.string, .string(let text)): source.lenientMax.map { text.unicodeScalars.count <= $0 } ?? true
        case (.time, .string(let text)): Instant(iso8601: text) != nil
        default: false
        }
    }
}
