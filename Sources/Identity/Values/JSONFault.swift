/// Why a text is not a JSON document that we accept.
package enum JSONFault: Error, Sendable, Hashable {
    /// The grammar of RFC 8259 is broken at this byte.
    case syntax(offset: Int)
    /// Two members of one object have the same name once their escapes are read.
    case duplicateMember
    case tooDeep
    case tooManyMembers
    case tooLong
    /// A string or a name holds U+0000, raw or escaped.
    case nul
    /// A string or a name is no UTF-8, or has more than thirty marks on a letter.
    case invalidUTF8
    /// Something other than white space follows the document.
    case trailing(offset: Int)

    /// Whether the grammar was kept and the content is such as no honest client sends.
    package var isHostile: Bool {
        switch self {
        case .duplicateMember, .tooDeep, .tooManyMembers, .nul: true
        case .syntax, .tooLong, .invalidUTF8, .trailing: false
        }
    }
}
