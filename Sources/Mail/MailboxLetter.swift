/// A mail read back from the mailbox, decoded for people.
package struct MailboxLetter: Sendable, Hashable {
    /// A header line, its value unfolded and decoded.
    package struct Header: Sendable, Hashable {
        /// The name as written, such as `Message-ID`.
        package let name: String
        /// The value as text.
        package let value: String
    }

    /// The headers in their order.
    package let headers: [Header]
    /// The plain part, its lines ending in LF; empty when there is none.
    package let text: String
    /// The HTML part, nil when there is none.
    package let html: String?

    /// Reads what ``MIMEComposer`` wrote.
    ///
    /// Total: bytes of another origin give what can be understood of them.
    package init(reading bytes: some Collection<UInt8>) {
        let whole = Part(Array(bytes)[...])
        headers = whole.headers
        guard let boundary = whole.boundary else {
            text = whole.decodedBody
            html = nil
            return
        }
        let parts = whole.parts(boundary: boundary)
        text = parts.first { $0.type.hasPrefix("text/plain") }?.decodedBody ?? ""
        html = parts.first { $0.type.hasPrefix("text/html") }?.decodedBody
    }

    /// The first header of that name in any letter case.
    package func header(_ name: String) -> String? {
        headers.first { $0.name.lowercased() == name.lowercased() }?.value
    }
}

extension MailboxLetter {
    // A header block, an empty line, a body.
    private struct Part {
        var headers: [Header] = []
        var bodyLines: [ArraySlice<UInt8>] = []

        init(_ bytes: ArraySlice<UInt8>) {
            let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
                .map { $0.last == UInt8(ascii: "\r") ? $0.dropLast() : $0 }
            self.init(lines: lines[...])
        }

        init(lines: ArraySlice<ArraySlice<UInt8>>) {
            let head = lines.prefix { !$0.isEmpty }
            bodyLines = Array(lines.dropFirst(head.count + 1))
            var unfolded: [String] = []
            for line in head.map({ String(decoding: $0, as: UTF8.self) }) {
                if line.hasPrefix(" ") || line.hasPrefix("\t"), let last = unfolded.indices.last {
                    unfolded[last] += " " + line.dropFirst()
                } else {
                    unfolded.append(line)
                }
            }
            headers = unfolded.compactMap { line in
                guard let colon = line.firstIndex(of: ":") else { return nil }
                let value = line[line.index(after: colon)...].drop { $0 == " " }
                return Header(name: String(line[..<colon]), value: HeaderText.read(String(value)))
            }
        }

        var type: String {
            headers.first { $0.name.lowercased() == "content-type" }?.value ?? "text/plain"
        }

        var boundary: String? {
            guard type.hasPrefix("multipart/") else { return nil }
            let pieces = type.split(separator: "boundary=", maxSplits: 1)
            guard pieces.count == 2 else { return nil }
            return pieces[1].split(separator: "\"").first.map(String.init)
        }

        // The line ending before a boundary, and the last one of a mail, belong to the frame and not to the text.
        var decodedBody: String {
            let lines = bodyLines.last?.isEmpty == true ? bodyLines.dropLast() : bodyLines[...]
            return QuotedPrintable.decode(Array(lines.joined(separator: "\r\n".utf8)))
        }

        func parts(boundary: String) -> [Part] {
            let opening = Array("--\(boundary)".utf8)
            let closing = opening + "--".utf8
            let sections = bodyLines.prefix { !$0.elementsEqual(closing) }
                .split(omittingEmptySubsequences: false) { $0.elementsEqual(opening) }
            // An empty line in place of the frame's own ending keeps `decodedBody` the same for parts and whole mails.
            return sections.dropFirst().map { Part(lines: $0 + [[]]) }
        }
    }
}
