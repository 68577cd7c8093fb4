/// The e-mail addresses that rules accept, apart from their length.
///
/// Narrower than RFC 5321: an atom, `@`, a host name. Quoted local parts, comments, address literals, lists and the percent sign in a host
/// are nobody's mailbox here, and each has been a way to bring a second recipient or a header past a check.
package enum EmailForm {
    /// In bytes; RFC 5321 section 4.5.3.1.3 leaves so many for an address in a path.
    package static let longest = 254

    /// Whether the text is one address; `dotted` asks for a dot in the host's name.
    package static func accepts(_ text: String, dotted: Bool) -> Bool {
        let sides = text.utf8.split(separator: UInt8(ascii: "@"), omittingEmptySubsequences: false)
        guard sides.count == 2, !sides[0].isEmpty, sides[0].allSatisfy(isAtomic) else { return false }
        let labels = sides[1].split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard labels.count > 1 || !dotted else { return false }
        return labels.allSatisfy { !$0.isEmpty && $0.allSatisfy(isOfHost) }
    }

    /// Visible ASCII without the specials of RFC 5322 section 3.2.3, but with the dot.
    private static func isAtomic(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "("), UInt8(ascii: ")"), UInt8(ascii: "<"), UInt8(ascii: ">"), UInt8(ascii: "["), UInt8(ascii: "]"),
            UInt8(ascii: ":"), UInt8(ascii: ";"), UInt8(ascii: "@"), UInt8(ascii: "\\"), UInt8(ascii: ","), UInt8(ascii: "\""):
            false
        default: byte > 0x20 && byte < 0x7F
        }
    }

    private static func isOfHost(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
            UInt8(ascii: "-"), UInt8(ascii: "_"):
            true
        default: false
        }
    }
}
