package import Identity

/// What a command has to say, for people and for scripts.
package struct CommandOutput: Sendable {
    /// Ends with a line feed unless it is empty.
    package var text: String
    package var value: Value
    /// Whether the command ends with exit code 1.
    package var isFailure: Bool

    package init(text: String, value: Value, isFailure: Bool = false) {
        self.text = text
        self.value = value
        self.isFailure = isFailure
    }

    /// One line of JSON, or the text; nothing in either steers a terminal.
    package func rendered(asJSON: Bool) -> String {
        guard asJSON else { return TerminalText.escaped(text, sparing: "\n\t") }
        return TerminalText.escaped(json: String(decoding: JSONWriter.document(value), as: UTF8.self)) + "\n"
    }
}
