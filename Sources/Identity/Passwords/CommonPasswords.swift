/// The passwords that everybody guesses first, to be refused when a password is set.
package struct CommonPasswords: Sendable {
    private let entries: Set<[UInt8]>

    /// Reads a list: one password a line, in any case of letters.
    ///
    /// Lines before the first password that start with `# ` are a comment.
    package init(lines: [UInt8]) {
        var entries: Set<[UInt8]> = []
        var isHead = true
        for line in lines.split(separator: UInt8(ascii: "\n")) {
            if isHead, line.starts(with: [UInt8(ascii: "#"), UInt8(ascii: " ")]) { continue }
            isHead = false
            let text = line.last == UInt8(ascii: "\r") ? line.dropLast() : line
            if !text.isEmpty { entries.insert(Self.folded(text)) }
        }
        self.entries = entries
    }

    package var count: Int { entries.count }

    /// Whether the list has the password, whatever the case of its ASCII letters.
    package func contains(_ password: PasswordText) -> Bool {
        entries.contains(Self.folded(password.bytes))
    }

    private static func folded(_ bytes: some Sequence<UInt8>) -> [UInt8] {
        bytes.map { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) ? $0 | 0x20 : $0 }
    }
}
