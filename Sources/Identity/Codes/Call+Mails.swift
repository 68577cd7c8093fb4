/// A mail whose random parts are drawn; it becomes a row of the outbox in the transaction of its cause.
struct PlannedMail: Sendable {
    let id: String
    let kind: NoticeKind
    let secret: FreshSecret?
}

extension Call {
    var draw: Draw { Draw(environment.random) }

    func plan(_ kind: NoticeKind, with secret: FreshSecret? = nil) -> PlannedMail {
        PlannedMail(id: draw.hex(32), kind: kind, secret: secret)
    }

    /// The proof of an address; nil where the policy asks for none.
    func planProof(_ kind: NoticeKind) -> PlannedMail? {
        switch policy.confirmation {
        case .none: nil
        case .code(let code): plan(kind, with: FreshSecret(code: code, for: .confirm, from: draw))
        case .link(let link): plan(kind, with: FreshSecret(link: link, for: .confirm, from: draw))
        }
    }

    var codePolicyOfLogin: CodePolicy {
        guard case .passwordThenCode(let code) = policy.login else { return CodePolicy() }
        return code
    }

    func planLoginCode() -> PlannedMail {
        plan(.loginCode, with: FreshSecret(code: codePolicyOfLogin, for: .loginCode, from: draw))
    }

    /// Stores the secret and queues the mail.
    ///
    /// Held back, with the newest secret left as it is, when the account has had as many of this kind in the hour as the policy allows, or
    /// the address has, for whichever accounts: one can be deleted and made again.
    func send(_ mail: PlannedMail, to account: Account, at address: String? = nil, in store: any StoreWriting) throws {
        let address = address ?? account.email
        for bucket in [Self.mailBucket(mail.kind, account.id, realm), Self.mailBucket(mail.kind, address, realm)] {
            guard try store.count(bucket, window: .seconds(3600), at: now).count <= policy.mailsPerHour else { return }
        }
        if let secret = mail.secret {
            try store.put(
                Secret(
                    id: secret.id, realm: realm, account: account.id, purpose: secret.purpose, digest: secret.digest, address: address,
                    createdAt: now, expiresAt: now + secret.lifetime))
        }
        let notice = Notice(id: mail.id, facts: noticeFacts(mail, account), recipient: address, language: request.language, at: now)
        guard let payload = try frontend.compose(notice) else {
            // Not an effect to be taken back: a line too many, when the transaction is run again, harms nobody.
            if frontend.notices.contains(mail.kind) { report(.mailNotWritten(account.id, mail.kind)) }
            return
        }
        try store.enqueue(
            OutboxEntry(
                id: mail.id, realm: realm, notice: mail.kind, recipient: address, payload: payload, createdAt: now,
                expiresAt: mail.secret.map { now + $0.lifetime }))
    }

    /// Counts and words a mail that nobody gets, so an unknown address costs what a known one does.
    func pretend(_ mail: PlannedMail?, to typed: String, in store: any StoreWriting) throws {
        let name = Self.digest(ofAddress: typed)
        _ = try store.count("mails/\(realm)/?\(name)", window: .seconds(3600), at: now)
        guard let mail else { return }
        _ = try store.count("mails/\(realm)/?\(name)/\(mail.kind.rawValue)", window: .seconds(3600), at: now)
        let nobody = Account(id: AccountID(high: 0, low: 0), realm: realm, email: typed, role: policy.roles.standard, createdAt: now)
        let notice = Notice(id: mail.id, facts: noticeFacts(mail, nobody), recipient: typed, language: request.language, at: now)
        _ = try? frontend.compose(notice)
    }

    static func mailBucket(_ kind: NoticeKind, _ account: AccountID, _ realm: String) -> String {
        "mails/\(realm)/\(account)/\(kind.rawValue)"
    }

    static func mailBucket(_ kind: NoticeKind, _ address: String, _ realm: String) -> String {
        "mails/\(realm)/@\(digest(ofAddress: address))/\(kind.rawValue)"
    }

    /// The letter case of an address does not count.
    private static func digest(ofAddress address: String) -> String { Hex.text(Digest.sha256(IdentifierKey(address).text).bytes) }

    private func noticeFacts(_ mail: PlannedMail, _ account: Account) -> Facts {
        let secret = mail.secret
        var facts = Facts(account: shown(account))
        facts.notice = NoticeFacts(
            kind: mail.kind, code: secret.flatMap { $0.isCode ? $0.plain : nil }, link: secret.flatMap { $0.isCode ? nil : $0.plain },
            lifetime: secret?.lifetime)
        return facts
    }
}
