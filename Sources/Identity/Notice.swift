/// A message owed to an account's owner, before a dialect has put it into words.
package struct Notice: Sendable {
    /// Also the mail's identity.
    package var id: String
    package var facts: Facts
    /// Where it goes: a stored address, never one that a request spelled.
    package var recipient: String
    package var language: String
    package var at: Instant

    package init(id: String, facts: Facts, recipient: String, language: String, at: Instant) {
        self.id = id
        self.facts = facts
        self.recipient = recipient
        self.language = language
        self.at = at
    }
}
