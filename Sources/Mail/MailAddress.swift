/// One plain e-mail address: `local@domain`, nothing around it.
///
/// It is the dot-atom form of RFC 5321, section 4.1.2: ASCII, at most 64 bytes before the `@` and 254 in all, a host name after
/// it. Quoted local parts, comments, display names, lists, address literals and non-ASCII addresses are refused; so what passes
/// can stand in a header or an SMTP command as it is.
package struct MailAddress: Sendable, Hashable {
    /// The address as given.
    package let spelling: String
    /// What follows the `@`.
    package let domain: String

    /// Checks `spelling`.
    ///
    /// - Throws: ``MailFault/invalid(_:)`` without the address in it.
    package init(_ spelling: String) throws(MailFault) {
        let parts = spelling.utf8.split(separator: UInt8(ascii: "@"), omittingEmptySubsequences: false)
        guard parts.count == 2, spelling.utf8.count <= 254, Self.isLocalPart(parts[0]), Self.isHostName(parts[1]) else {
            throw .invalid("not one plain e-mail address")
        }
        self.spelling = spelling
        self.domain = String(Substring(parts[1]))
    }

    /// The address as a log may show it: the first letter and the domain.
    package var masked: String {
        "\(spelling.prefix(1))***@\(domain)"
    }

    private static func isLocalPart(_ bytes: Substring.UTF8View) -> Bool {
        guard bytes.count <= 64 else { return false }
        return bytes.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
            .allSatisfy { atom in !atom.isEmpty && atom.allSatisfy(\.isAtomText) }
    }

    private static func isHostName(_ bytes: Substring.UTF8View) -> Bool {
        bytes.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
            .allSatisfy { label in
                (1...63).contains(label.count) && label.first != UInt8(ascii: "-") && label.last != UInt8(ascii: "-")
                    && label.allSatisfy { $0.isLetterOrDigit || $0 == UInt8(ascii: "-") }
            }
    }
}

extension MailAddress: CustomStringConvertible {
    /// The masked form: an address never reaches a log by accident.
    package var description: String { masked }
}
