/// What a `Content-Type` says (RFC 9110, section 8.3).
package struct MediaType: Sendable, Hashable {
    package enum Fault: Error, Sendable, Hashable {
        case unreadable
        /// A `charset` other than UTF-8.
        case charset
    }

    /// Type and subtype in lower case: `application/json`.
    package let name: String
    private let parameters: [FieldScanner.Parameter]

    /// Reads the field's value; parameter names may come once each, and `charset` only as UTF-8 (`utf8` too), in any letter case.
    package init(contentType text: String) throws(Fault) {
        var scanner = FieldScanner(text)
        scanner.skipSpace()
        guard let name = scanner.typeName(), let parameters = scanner.parameters(), scanner.isAtEnd else { throw .unreadable }
        self.name = name
        self.parameters = parameters
        if let charset = self["charset"]?.lowercased(), charset != "utf-8", charset != "utf8" { throw .charset }
    }

    /// The value of a parameter, unquoted; its name is given in lower case.
    package subscript(parameter: String) -> String? { parameters.first { $0.name == parameter }?.value }

    /// The `boundary` of a multipart type; nil when there is none or RFC 2046, section 5.1.1, forbids it.
    package var boundary: String? {
        guard let boundary = self["boundary"], (1...70).contains(boundary.utf8.count), boundary.utf8.last != UInt8(ascii: " ") else {
            return nil
        }
        return boundary.utf8.allSatisfy(Self.isBoundaryByte) ? boundary : nil
    }

    private static func isBoundaryByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
        default: "'()+_,-./:=? ".utf8.contains(byte)
        }
    }
}
