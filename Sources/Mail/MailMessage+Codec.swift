extension MailMessage {
    // One form so far. A later one takes the next number and both are read.
    private static let form: UInt8 = 1

    /// The message as bytes for an outbox row.
    ///
    /// A form number, a flag byte (1: has a sender's name, 2: has an HTML part), `sentAt` as eight bytes, then each text as four
    /// bytes of length and its UTF-8; numbers have their highest byte first.
    package func encoded() -> [UInt8] {
        var bytes: [UInt8] = [Self.form, (fromName == nil ? 0 : 1) | (html == nil ? 0 : 2)]
        bytes.append(contentsOf: (0..<8).reversed().map { UInt8(truncatingIfNeeded: sentAt >> ($0 * 8)) })
        let texts = [id, from.spelling, fromName, to.spelling, subject, text, html, language]
        for text in texts.compactMap(\.self) {
            let count = UInt32(clamping: text.utf8.count)
            bytes.append(contentsOf: (0..<4).reversed().map { UInt8(truncatingIfNeeded: count >> ($0 * 8)) })
            bytes.append(contentsOf: text.utf8)
        }
        return bytes
    }

    /// Reads back what ``encoded()`` wrote, and checks the fields again.
    ///
    /// - Throws: ``MailFault/invalid(_:)`` when bytes are missing, left over, not UTF-8 or of an unknown form.
    package init(decoding bytes: some Collection<UInt8>) throws(MailFault) {
        var reader = Reader(rest: Array(bytes)[...])
        guard try reader.number(bytes: 1) == Int64(Self.form) else { throw .invalid("stored mail: unknown form") }
        let flags = try reader.number(bytes: 1)
        let sentAt = try reader.number(bytes: 8)
        let id = try reader.text()
        let from = try reader.text()
        let fromName = flags & 1 == 0 ? nil : try reader.text()
        let to = try reader.text()
        let subject = try reader.text()
        let text = try reader.text()
        let html = flags & 2 == 0 ? nil : try reader.text()
        let language = try reader.text()
        guard reader.rest.isEmpty, flags <= 3 else { throw .invalid("stored mail: bytes left over") }
        try self.init(
            id: id, from: from, fromName: fromName, to: to, subject: subject, text: text, html: html, sentAt: sentAt, language: language)
    }

    private struct Reader {
        var rest: ArraySlice<UInt8>

        mutating func number(bytes count: Int) throws(MailFault) -> Int64 {
            try take(count).reduce(0) { $0 << 8 | Int64($1) }
        }

        mutating func text() throws(MailFault) -> String {
            let count = Int(try number(bytes: 4))
            guard let text = String(validating: try take(count), as: UTF8.self) else { throw .invalid("stored mail: not UTF-8") }
            return text
        }

        private mutating func take(_ count: Int) throws(MailFault) -> ArraySlice<UInt8> {
            guard count <= rest.count else { throw .invalid("stored mail: cut short") }
            defer { rest = rest.dropFirst(count) }
            return rest.prefix(count)
        }
    }
}
