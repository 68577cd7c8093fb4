/// A generated key as a store keeps it: sealed, so that whoever reads the table can sign nothing.
package struct SealedKey: Sendable, Hashable {
    /// Whose key it is and what it is for; keys of one name follow each other.
    package struct Name: Sendable, Hashable {
        package var realm: String
        package var frontend: String
        package var purpose: String
        package var algorithm: String

        package init(realm: String, frontend: String, purpose: String, algorithm: String) {
            self.realm = realm
            self.frontend = frontend
            self.purpose = purpose
            self.algorithm = algorithm
        }
    }

    package var name: Name
    /// 1 for the first key of its name, and one more for each that follows: of two that are made at once only one can have it.
    package var number: Int64
    package var sealed: [UInt8]
    package var createdAt: Instant
    /// From then on it signs; before, it is known already.
    package var signsFrom: Instant
    /// Until then it verifies; nil while none follows it.
    package var endsAt: Instant?

    package init(name: Name, number: Int64, sealed: [UInt8], createdAt: Instant, signsFrom: Instant, endsAt: Instant? = nil) {
        self.name = name
        self.number = number
        self.sealed = sealed
        self.createdAt = createdAt
        self.signsFrom = signsFrom
        self.endsAt = endsAt
    }
}
