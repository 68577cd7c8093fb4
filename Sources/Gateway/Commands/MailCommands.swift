import Identity
import Mail

/// `dragoman mail`: the mails of the mailbox, and those that wait or failed.
package enum MailCommands {
    /// The newest mails of the mailbox.
    package static func mailbox(_ deployment: Deployment, limit: Int) throws -> CommandOutput {
        let entries = try mailbox(deployment).list(limit: limit)
        var table = TextTable()
        for (index, entry) in entries.enumerated() { table.add(String(index + 1), entry.date, entry.to, entry.subject) }
        return CommandOutput(
            text: entries.isEmpty ? "no mails\n" : table.text,
            value: .list(
                entries.map {
                    .object([
                        .init("file", .string($0.file)), .init("date", .string($0.date)), .init("to", .string($0.to)),
                        .init("subject", .string($0.subject)),
                    ])
                }))
    }

    /// The rows of the outbox in one state; their texts are not shown, as they hold codes and links.
    package static func outbox(_ deployment: Deployment, state name: String, limit: Int) async throws -> CommandOutput {
        guard let state = OutboxEntry.State(rawValue: name) else { throw AssemblyFault("a mail is waiting, sent or failed") }
        let entries = try await deployment.withStore { store in try await store.read { try $0.outbox(state: state, limit: limit) } }
        var table = TextTable()
        for entry in entries {
            table.add(
                entry.createdAt.iso8601, entry.realm, entry.notice.rawValue, entry.recipient, "\(entry.attempts) tries", entry.reason ?? "")
        }
        return CommandOutput(
            text: entries.isEmpty ? "no mails\n" : table.text,
            value: .list(
                entries.map {
                    .object([
                        .init("id", .string($0.id)), .init("created_at", .string($0.createdAt.iso8601)), .init("realm", .string($0.realm)),
                        .init("kind", .string($0.notice.rawValue)), .init("to", .string($0.recipient)),
                        .init("attempts", .int(Int64($0.attempts))),
                        .init("reason", $0.reason.map(Value.string) ?? .null),
                    ])
                }))
    }

    /// One mail with the code and the link in it.
    ///
    /// `which` is a number of the list (1 is the newest) or a file's name; `to` takes the newest to an address.
    package static func show(_ deployment: Deployment, which: String?, to address: String?) throws -> CommandOutput {
        let mailbox = try mailbox(deployment)
        let file: String?
        if let which, Int(which) == nil {
            file = which
        } else {
            let entries = try mailbox.list().filter { address == nil || $0.to.loweringASCII() == address?.loweringASCII() }
            let index = which.flatMap(Int.init) ?? 1
            file = entries.indices.contains(index - 1) ? entries[index - 1].file : nil
        }
        guard let file, let letter = try mailbox.read(file) else { throw AssemblyFault("there is no such mail") }
        let findings = MailFindings(letter.text)
        var text = ""
        for name in ["From", "To", "Subject", "Date"] { text += "\(name): \(TerminalText.escaped(letter.header(name) ?? ""))\n" }
        text += "\n" + letter.text + (letter.text.hasSuffix("\n") ? "" : "\n")
        if findings.code != nil || findings.link != nil { text += "\n" }
        if let code = findings.code { text += "code: \(code)\n" }
        if let link = findings.link { text += "link: \(link)\n" }
        return CommandOutput(
            text: text,
            value: .object([
                .init("file", .string(file)), .init("to", .string(letter.header("To") ?? "")),
                .init("subject", .string(letter.header("Subject") ?? "")), .init("text", .string(letter.text)),
                .init("code", findings.code.map(Value.string) ?? .null), .init("link", findings.link.map(Value.string) ?? .null),
            ]))
    }

    private static func mailbox(_ deployment: Deployment) throws -> Mailbox {
        guard deployment.plan.configuration.mail.transport == .mailbox else {
            throw AssemblyFault("mails leave by SMTP here; only `mail.transport: mailbox` keeps them (see `dragoman mail list --waiting`)")
        }
        return Mailbox(folder: deployment.plan.configuration.mailboxFolder)
    }
}

/// What a reader looks for in a mail.
struct MailFindings {
    /// The first run of 4 to 8 digits that stands alone.
    let code: String?
    /// The first URL.
    let link: String?

    init(_ text: String) {
        let words = text.split { $0 == " " || $0 == "\n" || $0 == "\t" || $0 == "\r\n" }
        link = words.first { $0.hasPrefix("http://") || $0.hasPrefix("https://") }.map(String.init)
        code = words.lazy.map { word in word.filter { !".,:;!()*\"".contains($0) } }
            .first { (4...8).contains($0.utf8.count) && $0.utf8.allSatisfy { (0x30...0x39).contains($0) } }
    }
}
