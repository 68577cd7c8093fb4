/// A password as someone typed it: any text without NUL, kept byte for byte.
///
/// Nothing is trimmed, folded or normalised. NUL is refused here because bcrypt would stop at it, and then two different passwords
/// would be one. Its description is a mask, so a password cannot slip into a log or an error by interpolation.
package struct PasswordText: Sendable {
    /// UTF-8, free of NUL.
    let bytes: [UInt8]

    /// Takes the text as it is; nil when it holds a NUL.
    package init?(_ text: String) {
        let bytes = Array(text.utf8)
        guard !bytes.contains(0) else { return nil }
        self.bytes = bytes
    }
}

extension PasswordText: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String { "<REDACTED>" }
    package var debugDescription: String { description }
    package var customMirror: Mirror { Mirror(self, children: []) }
}
