/// Writes a mail as the bytes that every transport carries (RFC 5322 and RFC 2045).
///
/// The result is ASCII, its lines end in CRLF and are at most 78 characters long, except where an address or a Message-ID is longer.
/// The same message gives the same bytes.
package enum MIMEComposer {
    /// The whole mail: headers, an empty line, the parts.
    package static func compose(_ message: MailMessage) -> [UInt8] {
        var lines = [
            "Date: \(MailDate.header(message.sentAt))",
            "From: \(sender(of: message))",
            "To: \(message.to.spelling)",
            "Subject: \(HeaderText.write(message.subject, column: 9))",
            "Message-ID: <\(message.messageID)>",
            "MIME-Version: 1.0",
            "Content-Language: \(message.language)",
            // No vacation notice or ticket system should answer (RFC 3834, section 5).
            "Auto-Submitted: auto-generated",
        ]
        if let html = message.html {
            let boundary = boundary(for: message.id)
            lines.append("Content-Type: multipart/alternative; boundary=\"\(boundary)\"")
            lines.append("")
            lines.append("--\(boundary)")
            lines.append(contentsOf: part("text/plain", message.text))
            lines.append("--\(boundary)")
            lines.append(contentsOf: part("text/html", html))
            lines.append("--\(boundary)--")
        } else {
            lines.append(contentsOf: part("text/plain", message.text))
        }
        return Array((lines.joined(separator: "\r\n") + "\r\n").utf8)
    }

    private static func sender(of message: MailMessage) -> String {
        guard let name = message.fromName, !name.isEmpty else { return message.from.spelling }
        return "\(HeaderText.writeName(name))\r\n <\(message.from.spelling)>"
    }

    private static func part(_ type: String, _ text: String) -> [String] {
        [
            "Content-Type: \(type); charset=utf-8",
            "Content-Transfer-Encoding: quoted-printable",
            "",
            QuotedPrintable.encode(text),
        ]
    }

    // "=_" cannot occur in quoted-printable (RFC 2045, section 6.7), so no text can contain the boundary. FNV-1a keeps it short.
    private static func boundary(for id: String) -> String {
        let hash = id.utf8.reduce(0xcbf2_9ce4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
        return "=_dragoman_\(String(hash, radix: 16))"
    }
}
