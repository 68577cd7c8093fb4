/// A golden conversation: `transcripts/*.http`, plain text that people read beside an API's own page.
///
/// A block begins after an empty line (or after a block of one line) with one of these heads; its lines up to the next head are its own:
///
/// ```
/// setting existence hide         before anything else but words: the dialect is played with this setting
/// # words                        for the reader; several lines are one block
/// POST /users/sign_in            a request: header lines, an empty line, the body
/// => 200                         its answer likewise; only the header fields listed are compared, the body byte for byte
/// mail ana@example.com           the next mail to that address: `Subject: …`, an empty line, the plain text
/// no mail ana@example.com        none is left
/// token access                   a captured token: its header and its claims as JSON, a line each
/// clock +30m                     time passes (`s m h d`)
/// from 203.0.113.9               the address of the clients from here on
/// operator suspend ana@example.com   an act that has no route
/// ```
///
/// `{{name: eyJ…}}` in an expected text captures what stands there, up to a space, quote or angle bracket, and asks that it begin so
/// (`{{name:}}` with anything); `{{name}}` anywhere later stands for it. A line that would be taken for a head is written behind a
/// backslash, as is a line that begins with one; a backslash alone is an empty line, so a text that ends with a line break ends with it.
/// Lines of a multipart request end in CRLF.
package struct TranscriptFile: Sendable {
    package var blocks: [TranscriptBlock]

    /// Reads a transcript.
    ///
    /// - Throws: ``TranscriptFault`` at the first line that belongs to no block or is malformed.
    package init(_ text: String) throws(TranscriptFault) {
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        if lines.last == "" { lines.removeLast() }
        blocks = []
        var pending: [String] = []
        var start = 0
        var isBoundary = true
        for (index, line) in lines.enumerated() {
            let isWords = line.hasPrefix("#") && pending.first?.hasPrefix("#") == true
            if isBoundary, !isWords || pending.last == "", TranscriptBlock.isHead(line) {
                if !pending.isEmpty { blocks.append(try TranscriptBlock(pending, line: start)) }
                pending = [line]
                start = index + 1
            } else if pending.isEmpty {
                guard line.isEmpty else { throw TranscriptFault(line: index + 1, message: "no block begins so") }
                continue
            } else {
                pending.append(line)
            }
            isBoundary = line.isEmpty || pending.first.map(TranscriptBlock.isOneLine) == true
        }
        if !pending.isEmpty { blocks.append(try TranscriptBlock(pending, line: start)) }
        try checkSettings()
    }

    /// What the dialect is to be loaded with; of two for one name the last.
    package var settings: [String: ChosenSetting] {
        blocks.reduce(into: [:]) { settings, block in
            if case .setting(let name, let value) = block.kind { settings[name] = ChosenSetting(value) }
        }
    }

    private func checkSettings() throws(TranscriptFault) {
        var hasBegun = false
        for block in blocks {
            switch block.kind {
            case .words: continue
            case .setting:
                guard !hasBegun else { throw TranscriptFault(line: block.line, message: "a setting stands before the first request") }
            default: hasBegun = true
            }
        }
    }

    /// The file as text.
    package var text: String {
        blocks.flatMap(\.lines).joined(separator: "\n") + (blocks.isEmpty ? "" : "\n")
    }
}

/// What makes a text no transcript.
package struct TranscriptFault: Error, Sendable, Hashable, CustomStringConvertible {
    /// Counted from 1.
    package var line: Int
    package var message: String
    package var description: String { "line \(line): \(message)" }
}
