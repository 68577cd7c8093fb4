extension Call {
    /// Writes what was sent for declared attributes; clients may not write all.
    ///
    /// Values of another type change nothing; null and the empty text take a nullable attribute away.
    func writeAttributes(_ account: inout Account) {
        for attribute in policy.attributes where attribute.writer == .client {
            guard let sent = request.slots[Slot(attribute.name)]?.value else { continue }
            if sent.isNull || sent == .string("") {
                if attribute.missing.isNull { account.attributes[attribute.name] = nil }
            } else if let value = attribute.kind.accept(sent) {
                account.attributes[attribute.name] = value
            }
        }
    }
}

extension Attribute.Kind {
    fileprivate func accept(_ value: Value) -> Value? {
        switch (self, value) {
        case (.string, .string), (.int, .int), (.bool, .bool), (.time, .time): value
        case (.time, .string(let text)): Instant(iso8601: text).map(Value.time)
        default: nil
        }
    }
}
