/// A mail that waits in the outbox.
package struct OutboxRow: Sendable, Hashable {
    /// The row's own name.
    package let id: String
    /// How often it was tried so far.
    package let attempts: Int
    /// When it was put there, in microseconds since 1970.
    package let createdAt: Int64
    /// When what it says stops being true, in microseconds since 1970; nil when it never does.
    package let expiresAt: Int64?
    /// The mail, as ``MailMessage/encoded()`` wrote it; may hold codes and links.
    package let payload: [UInt8]

    /// A row as it was stored.
    package init(id: String, attempts: Int, createdAt: Int64, expiresAt: Int64?, payload: [UInt8]) {
        self.id = id
        self.attempts = attempts
        self.createdAt = createdAt
        self.expiresAt = expiresAt
        self.payload = payload
    }
}

extension OutboxRow: CustomStringConvertible, CustomReflectable {
    package var description: String { "outbox row \(id)" }

    package var customMirror: Mirror { Mirror(self, children: ["id": id, "attempts": attempts]) }
}
