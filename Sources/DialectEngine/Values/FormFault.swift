/// Why a form or a query cannot be read as fields.
package enum FormFault: Error, Sendable, Hashable {
    /// A `%` without two hexadecimal digits.
    case badEscape
    case invalidUTF8
    case nul
    /// One name is given two values, or is used for a text here and for a list or an object there.
    case duplicate
    case tooDeep
    case tooManyFields
    case tooLong
    /// The parts of a multipart body, or their header lines, are not what RFC 2046 and RFC 7578 say.
    case framing
    /// A part in another charset than UTF-8 or in a transfer encoding.
    case foreignEncoding

    /// Whether it is more than a slip of spelling: what no honest client sends.
    package var isHostile: Bool {
        switch self {
        case .nul, .duplicate, .tooDeep, .tooManyFields, .framing: true
        case .badEscape, .invalidUTF8, .tooLong, .foreignEncoding: false
        }
    }
}
