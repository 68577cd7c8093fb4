/// A mail that is ready to go, whatever carries it.
///
/// Its fields are checked once, here, so that none of them can add a header or a recipient. The texts may hold codes and links:
/// the description shows neither them nor the subject.
package struct MailMessage: Sendable, Hashable {
    /// What the Message-ID starts with, chosen by the caller; a repeated send carries the same one.
    ///
    /// At most 100 of `A-Z a-z 0-9 . _ -`, no dot first, last or doubled.
    package let id: String
    /// Who it is from.
    package let from: MailAddress
    /// The sender's name as people read it, any language; nil shows the bare address.
    package let fromName: String?
    /// Who it goes to: one address, always.
    package let to: MailAddress
    /// The subject, any language.
    package let subject: String
    /// The plain part, with any kind of line ending; it leaves as CRLF.
    package let text: String
    /// The HTML part; nil sends the plain part alone.
    package let html: String?
    /// When it was written, in seconds since 1970; becomes the Date header.
    package let sentAt: Int64
    /// The language of subject and texts as a BCP 47 tag, such as `ja` or `pt-BR`.
    package let language: String

    /// Checks the fields.
    ///
    /// - Throws: ``MailFault/invalid(_:)`` naming the field, when an address is not one plain address, a header value holds a control
    ///   character (CR, LF, NUL and the rest of C0 and C1), or `id`, `language` or `sentAt` is outside its range.
    package init(
        id: String,
        from: String,
        fromName: String? = nil,
        to: String,
        subject: String,
        text: String,
        html: String?,
        sentAt: Int64,
        language: String
    ) throws(MailFault) {
        self.id = try Self.identifier(id)
        self.from = try Self.address(from, field: "from")
        self.fromName = try fromName.map { name throws(MailFault) in try Self.headerText(name, field: "sender's name") }
        self.to = try Self.address(to, field: "to")
        self.subject = try Self.headerText(subject, field: "subject")
        self.text = text
        self.html = html
        guard MailDate.range.contains(sentAt) else { throw .invalid("date: outside the years 1970 to 9999") }
        self.sentAt = sentAt
        self.language = try Self.languageTag(language)
    }

    /// The Message-ID without its angle brackets: ``id`` at the sender's domain.
    package var messageID: String { "\(id)@\(from.domain)" }

    private static func address(_ spelling: String, field: String) throws(MailFault) -> MailAddress {
        do {
            return try MailAddress(spelling)
        } catch {
            throw .invalid("\(field): \(error.reason)")
        }
    }

    // Scalars, not characters: "\r\n" is one Character and equals neither "\r" nor "\n".
    private static func headerText(_ value: String, field: String) throws(MailFault) -> String {
        guard value.unicodeScalars.allSatisfy({ $0.properties.generalCategory != .control }) else {
            throw .invalid("\(field): holds a control character")
        }
        guard value.utf8.count <= 1_000 else { throw .invalid("\(field): longer than 1000 bytes") }
        return value
    }

    private static func identifier(_ id: String) throws(MailFault) -> String {
        let atoms = id.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        let isSound = atoms.allSatisfy { atom in
            !atom.isEmpty && atom.allSatisfy { $0.isLetterOrDigit || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "_") }
        }
        guard isSound, id.utf8.count <= 100 else { throw .invalid("id: not 1 to 100 letters, digits, dots, hyphens or underscores") }
        return id
    }

    private static func languageTag(_ tag: String) throws(MailFault) -> String {
        let subtags = tag.utf8.split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
        let isSound = subtags.allSatisfy { (1...8).contains($0.count) && $0.allSatisfy(\.isLetterOrDigit) }
        guard isSound, tag.utf8.count <= 35 else { throw .invalid("language: not a language tag") }
        return tag
    }
}

extension MailMessage: CustomStringConvertible, CustomReflectable {
    package var description: String { "mail \(id) to \(to.masked)" }

    /// Shows nothing more than the description, so that `dump` cannot show a code.
    package var customMirror: Mirror { Mirror(self, children: ["id": id, "to": to.masked]) }
}
