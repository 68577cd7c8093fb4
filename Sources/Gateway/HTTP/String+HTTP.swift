/// What a text may be in an HTTP/1.1 message.
extension String {
    /// A token: what names a field or a method (RFC 9110 section 5.6.2).
    var isFieldName: Bool { !utf8.isEmpty && utf8.allSatisfy(\.isTokenCharacter) }

    /// Nothing in it ends a line or is a control character; RFC 9110 section 5.5.
    var isFieldValue: Bool { utf8.allSatisfy(\.isFieldContent) }
}
