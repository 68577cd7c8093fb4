import Identity

extension Rehearsal {
    /// Does what an operator would: `suspend restore delete confirm EMAIL`, `role plan EMAIL NAME`, `usage EMAIL COUNT`, `attribute EMAIL
    /// name=value`.
    ///
    /// Says what went wrong; nil when nothing did.
    func operate(_ act: TranscriptAct) async -> String? {
        guard let email = act.arguments.first else { return "`operator \(act.verb)` needs an e-mail" }
        do {
            guard let account = try await account(email) else { return "there is no account \(email)" }
            return try await operate(act, on: account)
        } catch {
            return "\(error)"
        }
    }

    private func operate(_ act: TranscriptAct, on account: Account) async throws -> String? {
        guard let deed = deed(act) else { return "nobody knows `operator \(act.verb) \(act.arguments.joined(separator: " "))`" }
        try await engine.environment.store.write { store in
            guard let account = try store.account(id: account.id, realm: account.realm) else { return }
            try deed(account, store)
        }
        return nil
    }

    private func deed(_ act: TranscriptAct) -> (@Sendable (Account, any StoreWriting) throws -> Void)? {
        let (now, deletion) = (engine.environment.now(), engine.frontend.policy.deletion)
        switch act.verb {
        case "suspend": return { _ = try $1.suspend($0, at: now) }
        case "restore": return { _ = try $1.resume($0, at: now) }
        case "delete": return { try $1.delete($0, deletion, at: now) }
        default: break
        }
        guard let change = change(act) else { return nil }
        return { account, store in
            var account = account
            change(&account)
            _ = try store.update(account)
        }
    }

    private func change(_ act: TranscriptAct) -> (@Sendable (inout Account) -> Void)? {
        let policy = engine.frontend.policy
        let words = act.arguments.dropFirst().joined(separator: " ")
        switch act.verb {
        case "confirm":
            let now = engine.environment.now()
            return { $0.confirmedAt = now }
        case "role":
            guard policy.roles.known.contains(words) else { return nil }
            return { $0.role = words }
        case "plan":
            guard let limit = policy.plans?.limits[words] else { return nil }
            return {
                $0.plan = words
                $0.usageLimit = limit
            }
        case "usage":
            guard let count = Int64(words) else { return nil }
            return { $0.usageCount = count }
        case "attribute":
            let name = words.prefix { $0 != "=" }
            guard name.endIndex < words.endIndex, let attribute = policy.attributes.first(where: { $0.name == name }) else { return nil }
            guard let value = Self.value(String(words[words.index(after: name.endIndex)...]), attribute.kind) else { return nil }
            return { $0.attributes[attribute.name] = value }
        default: return nil
        }
    }

    private static func value(_ text: String, _ kind: Attribute.Kind) -> Value? {
        switch kind {
        case .string: .string(text)
        case .int: Int64(text).map(Value.int)
        case .bool: text == "true" ? .bool(true) : text == "false" ? .bool(false) : nil
        case .time: Instant(iso8601: text).map(Value.time)
        }
    }

    private func account(_ email: String) async throws -> Account? {
        let realm = engine.frontend.realm
        return try await engine.environment.store.read { try $0.account(.email, key: IdentifierKey(email), realm: realm) }
    }
}
