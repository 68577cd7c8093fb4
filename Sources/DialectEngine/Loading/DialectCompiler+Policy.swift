import Identity

extension DialectCompiler {
    func readBehaviour(into policy: inout Policy) {
        let node = tree.map("policy")
        if let login = node["login"], login.entries != nil { policy.login = .passwordThenCode(code(login.map("then-code"))) }
        policy.confirmation = confirmation(node["confirmation"])
        policy.loginWaitsForConfirmation = node.bool("login-waits", false)
        policy.unconfirmedLoginRemailsAfter = node.duration("unconfirmed-login-remails-after")
        let registration = node.map("registration")
        policy.registration.signsIn = registration.bool("signs-in", false)
        policy.registration.apiKey = registration.bool("api-key", false)
        policy.registration.sendsLoginCode = registration.bool("sends-login-code", false)
        policy.registration.hidesAll = registration.bool("hides-all", false)
        let reset = node.map("reset")
        policy.reset.link = link(reset["link"])
        policy.reset.confirms = reset.bool("confirms", false)
        policy.reset.linkFirst = reset.bool("link-first", false)
        policy.reset.gap = reset.duration("gap")
        policy.reset.needsEmail = reset.bool("needs-email", false)
        policy.existence = node.choice("existence", .reveal)
        policy.reveals = Set(node.choices("reveals") ?? [])
        policy.emailChange = node.choice("email-change", .refused)
        policy.deletion = node.choice("deletion", .keepsIdentifiers)
        policy.renewal = renewal(node["renewal"])
        policy.logoutEnds = node.choice("logout-ends", .session)
        policy.passwordChangeEnds = node.choice("password-change-ends", .otherSessions)
        policy.passwordChangedMail = node.choice("password-changed-mail", .always)
        let guesses = node.map("guesses")
        policy.guesses.failures = guesses.int("failures") ?? policy.guesses.failures
        policy.guesses.window = guesses.duration("window") ?? policy.guesses.window
        policy.guesses.failuresPerAddress = guesses.int("failures-per-address") ?? policy.guesses.failuresPerAddress
        policy.guesses.codeTriesPerDay = guesses.int("code-tries-per-day") ?? policy.guesses.codeTriesPerDay
        policy.mailsPerHour = node.int("mails-per-hour") ?? policy.mailsPerHour
        checkBehaviour(policy, node)
    }

    private func checkBehaviour(_ policy: Policy, _ node: YAMLNode) {
        if policy.existence == .hide, policy.registration.signsIn, !policy.registration.hidesAll {
            findings.error(
                node["existence"]?.place ?? node.place,
                "`existence: hide` and `signs-in` cannot both hold, for a made-up account has no token: add `registration: { hides-all: true }`"
            )
        }
        if policy.loginWaitsForConfirmation, policy.confirmation == .none {
            findings.error(node["login-waits"]?.place ?? node.place, "`login-waits` needs a `confirmation`")
        }
        if policy.registration.sendsLoginCode, policy.login == .password {
            findings.error(
                node.map("registration")["sends-login-code"]?.place ?? node.place, "`sends-login-code` needs `login: { then-code: … }`")
        }
    }

    private func code(_ node: YAMLNode) -> CodePolicy {
        var code = CodePolicy()
        code.digits = node.int("digits") ?? code.digits
        code.leadingZero = node.bool("leading-zero", code.leadingZero)
        code.minutes = node.string("minutes").flatMap(Scalars.intRange) ?? code.minutes
        code.tries = node.int("tries") ?? code.tries
        return code
    }

    /// At least 110 random bits, so that guessing is hopeless whatever the limits.
    private func link(_ node: YAMLNode?) -> LinkPolicy {
        var link = LinkPolicy()
        guard let node else { return link }
        link.alphabet = node.choice("alphabet", link.alphabet)
        link.length = node.int("length") ?? link.length
        link.lifetime = node.duration("lifetime") ?? link.lifetime
        link.repeats = node.duration("repeats")
        let least = link.alphabet == .hex ? 28 : 19
        if link.length < least {
            findings.error(
                node["length"]?.place ?? node.place,
                "a link of \(link.length) characters can be guessed: `\(link.alphabet.rawValue)` needs at least \(least)")
        }
        return link
    }

    private func confirmation(_ node: YAMLNode?) -> Policy.Confirmation {
        guard let node, node.entries != nil else { return .none }
        switch (node["code"], node["link"]) {
        case (let code?, nil): return .code(self.code(code))
        case (nil, let link?): return .link(self.link(link))
        default:
            findings.error(node.place, "a confirmation is by `code` or by `link`")
            return .none
        }
    }

    private func renewal(_ node: YAMLNode?) -> Policy.Renewal {
        guard let node else { return .none }
        if node.text == "static" { return .staticToken }
        guard node.entries != nil else { return .none }
        switch (node["rotating"], node["reissue"]) {
        case (let rotating?, nil): return .rotating(grace: rotating.duration("grace") ?? .seconds(10))
        case (nil, let reissue?): return .reissue(window: reissue.duration("window"))
        default:
            findings.error(node.place, "a renewal is `rotating` or `reissue`")
            return .none
        }
    }

    func readBodies() -> BodyPolicy {
        let node = tree.map("accept")
        var trimming = BodyPolicy.Trimming.none
        if node.string("trim") == "all" { trimming = .all }
        let words = node.words("trim")
        for word in words + node.words("blank") {
            guard let slot = word.text, !references.slots.contains(Slot(slot)) else { continue }
            findings.unknown("slot", slot, at: word.place, known: references.slots.map(\.rawValue).sorted())
        }
        if !words.isEmpty {
            for word in words where word.text.map({ Slot($0).isPassword }) ?? false {
                findings.error(word.place, "passwords are never trimmed")
            }
            trimming = .slots(Set(words.compactMap(\.text).map { Slot($0) }))
        }
        return BodyPolicy(
            kinds: Set(node.choices("bodies") ?? []), root: node.string("root"),
            limit: node.string("limit").flatMap(Scalars.bytes) ?? 1 << 20,
            malformed: node.choice("malformed", .refuse), otherType: node.choice("other-type", .refuse),
            notObject: node.choice("not-object", .refuse), hostile: node.choice("hostile", .refuse), trimming: trimming,
            blank: Set(node.words("blank").compactMap(\.text).map { Slot($0) }))
    }

    func readCredentials() -> CredentialPolicy {
        let node = tree.map("credentials")
        let kinds: Set<CredentialKind> = Set(node.choices("kinds") ?? [.bearer])
        return CredentialPolicy(
            kinds: kinds, apiKeyHeader: node.string("api-key-header").map { $0.loweringASCII() }, keyWins: node.bool("key-wins", false),
            foreignKeyPrefixes: node.strings("foreign-keys") ?? [])
    }

    func readAPIKeys() -> APIKeyForm? {
        guard let node = tree["api-keys"], let prefix = node.string("prefix") else { return nil }
        return APIKeyForm(prefix: prefix, hexDigits: node.int("hex") ?? 64)
    }
}
