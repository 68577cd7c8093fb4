package import Identity
package import Mail

/// Puts notices into a dialect's words.
package struct MailComposer: Sendable {
    private let mails: [NoticeKind: MailTemplate]
    private let catalogue: MessageCatalogue
    private let languages: Languages
    /// What mailed links begin with: from configuration, never from a request.
    ///
    /// No slash at its end.
    private let links: String
    private let from: String
    private let fromName: String?

    /// Makes a composer for one frontend; `links` is the base of mailed links, `from` the sender's address.
    package init(_ dialect: Dialect, links: String, from: String, fromName: String? = nil) {
        mails = dialect.mails
        catalogue = dialect.catalogue
        languages = dialect.languages
        self.links = links
        self.from = from
        self.fromName = fromName
    }

    /// The mail for a notice, in its language if the dialect speaks it; nil when the dialect has no mail of this kind or an address is
    /// none.
    package func message(for notice: Notice) -> MailMessage? {
        guard let kind = notice.facts.notice?.kind, let template = mails[kind] else { return nil }
        let language = template.text[notice.language] == nil ? languages.standard : notice.language
        guard let subject = template.subject[language], let text = template.text[language] else { return nil }
        var occasion = Occasion(catalogue: catalogue, language: language)
        occasion.facts = notice.facts
        occasion.links = links
        if let link = template.link { occasion.link = occasion.words(link) }
        // What somebody typed is in the links to the byte, and in the words a single line.
        occasion.isMail = true
        return try? MailMessage(
            id: notice.id, from: from, fromName: fromName, to: notice.recipient, subject: Self.headerLine(occasion.words(subject)),
            text: occasion.words(text), html: template.html[language].map { occasion.words($0.narrowedForHTML) },
            sentAt: notice.at.seconds, language: language)
    }

    /// One line without control characters, at most 900 bytes.
    private static func headerLine(_ text: String) -> String {
        var line = Escape.header(text)
        while line.utf8.count > 900 { line.removeLast() }
        return line
    }
}
