import Identity

extension DialectCompiler {
    /// The mails that the file names, and a finding for each that the policy needs and has not.
    func readMails(routes: [Route]) -> [NoticeKind: MailTemplate] {
        var mails: [NoticeKind: MailTemplate] = [:]
        let home = tree["mails"]?.place ?? tree.place
        for entry in tree["mails"]?.entries ?? [] {
            guard let kind = NoticeKind(rawValue: entry.key) else { continue }
            mails[kind] = mail(kind, entry)
        }
        for kind in needed(routes) where mails[kind] == nil {
            findings.error(home, "this dialect's policy sends the mail `\(kind.rawValue)`, and `mails` has none")
        }
        checkMailFiles(home)
        return mails
    }

    private func needed(_ routes: [Route]) -> [NoticeKind] {
        var kinds: [NoticeKind] = []
        if policy.confirmation != .none { kinds.append(.confirm) }
        if policy.emailChange == .pending { kinds.append(.confirmNewEmail) }
        if policy.login != .password { kinds.append(.loginCode) }
        if routes.contains(where: { $0.operation == .passwordForgot }) { kinds.append(.reset) }
        if policy.existence == .hide, routes.contains(where: { $0.operation == .register }) { kinds.append(.alreadyRegistered) }
        return kinds
    }

    private func mail(_ kind: NoticeKind, _ entry: YAMLNode.Entry) -> MailTemplate {
        let node = entry.value
        let scope = ReferenceScope(kind: .mail, groups: [.account, .notice], what: "the mail `\(kind.rawValue)`")
        let link = node["link"].map { self.text($0, .url, in: scope) }
        let key = node.string("subject") ?? "mail.\(kind.rawValue).subject"
        let files = node.string("like") ?? kind.rawValue
        checkMessage(key, at: node["subject"]?.place ?? entry.keyPlace, in: scope)
        let text = template(files, in: "mail", ending: ".txt", .words, in: scope)
        let html = template(files, in: "mail", ending: ".html", .html, in: scope)
        for (texts, ending) in [(text, ".txt"), (html, ".html")] {
            let missing = languages.supported.filter { texts[$0] == nil }
            guard !missing.isEmpty else { continue }
            let what = missing.count == languages.supported.count ? "" : " for \(missing.map { "`\($0)`" }.joined(separator: ", "))"
            findings.error(entry.keyPlace, "the mail `\(kind.rawValue)` has no `mail/\(files)\(ending)`\(what)")
        }
        if link == nil, (text.values.flatMap(\.allParts) + html.values.flatMap(\.allParts)).contains(where: \.isLink) {
            findings.error(entry.keyPlace, "the mail `\(kind.rawValue)` shows `{link}`, and has no `link` for it")
        }
        return MailTemplate(
            link: link, subject: catalogue.texts.compactMapValues { $0[key].map { Text(parts: $0.parts) } }, text: text, html: html)
    }

    /// Files that no mail uses are slips of the pen.
    private func checkMailFiles(_ home: Place) {
        let kinds = NoticeKind.allCases.map(\.rawValue)
        for ending in [".txt", ".html"] {
            for name in files.names(in: "mail", ending: ending) {
                let kind = languages.supported.first { name.hasSuffix(".\($0)") }.map { String(name.dropLast($0.count + 1)) } ?? name
                let place = Place(file: files.source("mail/\(name)\(ending)")?.file ?? name, line: 1, column: 1)
                if !kinds.contains(kind) { findings.unknown("mail", kind, at: place, known: kinds) }
            }
        }
    }
}

extension Text.Part {
    fileprivate var isLink: Bool {
        if case .hole(let reference, _) = self, case .link = reference.source { true } else { false }
    }
}
