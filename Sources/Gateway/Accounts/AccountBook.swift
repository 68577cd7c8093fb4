package import Identity

/// A realm's accounts in an operator's hands: what `dragoman account` does and what seeds are made with.
///
/// Rules for clients (length of passwords, who may take which role) do not bind an operator; what would break the account does.
package struct AccountBook: Sendable {
    package let environment: IdentityEnvironment
    package let realm: String
    package let policy: Policy

    package init(environment: IdentityEnvironment, realm: String, policy: Policy) {
        self.environment = environment
        self.realm = realm
        self.policy = policy
    }

    private var store: any IdentityStore { environment.store }

    // MARK: Reading

    package func count() async throws -> Int64 {
        let realm = realm
        return try await store.read { try $0.accountCount(realm: realm) }
    }

    /// A page in serial order; `search` is the start of an e-mail or username.
    package func list(after: Int64, limit: Int, search: String?) async throws -> [Account] {
        let realm = realm
        return try await store.read { try $0.accounts(realm: realm, after: after, limit: limit, search: search) }
    }

    /// By its id as clients see it, its UUID, its serial, or any of its identifiers; with the kind before it, as in `email:a@example.com`, by
    /// that alone.
    ///
    /// People choose their usernames: one that is another's serial or phone number names neither of the two.
    package func find(_ name: String) async throws -> Account {
        let parts = name.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        let named = parts.count == 2 ? NameKind(rawValue: parts[0]) : nil
        let (kinds, text) = named.map { ([$0], parts[1]) } ?? (NameKind.allCases, name)
        let found = try await store.read { store in
            var found: [(kind: NameKind, account: Account)] = []
            for kind in kinds {
                guard let account = try account(kind, text, in: store) else { continue }
                if !found.contains(where: { $0.account.id == account.id }) { found.append((kind, account)) }
            }
            return found
        }
        guard let first = found.first else { throw AccountFault("no account of the realm `\(realm)` is called `\(name)`") }
        guard found.count == 1 else {
            let list = found.map { "`\($0.kind.rawValue):\(text)` is \($0.account.email)" }.joined(separator: ", ")
            throw AccountFault("`\(name)` names \(found.count) accounts: \(list)")
        }
        return first.account
    }

    /// What an account can be named by: its id as clients see it, and what the store knows.
    private enum NameKind: String, CaseIterable { case id, uuid, serial, email, username, phone }

    private func account(_ kind: NameKind, _ text: String, in store: any StoreReading) throws -> Account? {
        switch kind {
        case .id:
            switch policy.idCodec.decode(.string(text)) {
            case .id(let id): return try store.account(id: id, realm: realm)
            case .serial(let serial): return try store.account(serial: serial, realm: realm)
            case nil: return nil
            }
        case .uuid: return try AccountID(text).flatMap { try store.account(id: $0, realm: realm) }
        case .serial: return try Int64(text).flatMap { try store.account(serial: $0, realm: realm) }
        case .email: return try store.account(.email, key: IdentifierKey(text), realm: realm)
        case .username: return try store.account(.username, key: IdentifierKey(text), realm: realm)
        case .phone: return try store.account(.phone, key: IdentifierKey(text), realm: realm)
        }
    }

    // MARK: Writing

    package func create(_ draft: AccountDraft) async throws -> Account {
        let new = try await account(draft)
        let account = try await inserting { try $0.insert(new) }
        environment.report(.accountCreated(account.id))
        return account
    }

    /// Makes these accounts, all or none, when the realm has never had one; of several instances that start together one does.
    ///
    /// Gives what it has made.
    package func seed(_ drafts: [AccountDraft]) async throws -> [Account] {
        guard !drafts.isEmpty, try await count() == 0 else { return [] }
        var new: [Account] = []
        for draft in drafts { new.append(try await account(draft)) }
        let realm = realm
        return try await inserting { [new] store in
            guard try store.accountCount(realm: realm) == 0 else { return [] }
            return try new.map { try store.insert($0) }
        }
    }

    /// The account that a draft describes, its password hashed, not yet stored.
    private func account(_ draft: AccountDraft) async throws -> Account {
        let now = environment.now()
        var account = try draft.account(
            id: AccountID(now: now, random: environment.random(10)), realm: realm, policy: policy, now: now)
        guard let text = draft.password?.text else { return account }
        guard let password = PasswordText(text), !text.isEmpty else { throw AccountFault("the password is empty or holds a NUL") }
        account.passwordHash = try await environment.hasher.hash(password, scheme: policy.password.scheme, salt: environment.random(16))
        return account
    }

    private func inserting<Answer: Sendable>(_ body: @escaping @Sendable (any StoreWriting) throws -> Answer) async throws -> Answer {
        do {
            return try await store.write(body)
        } catch StoreError.taken(let kind) {
            throw AccountFault("the \(kind.rawValue) is taken in the realm `\(realm)`")
        }
    }

    package func setRole(_ role: String, of account: Account) async throws -> Account {
        guard policy.roles.known.contains(role) else {
            throw AccountFault("`\(role)` is no role here: \(policy.roles.known.joined(separator: ", "))")
        }
        return try await change(account, .roleChanged(account.id)) { account, now, store in
            var account = account
            account.role = role
            account.updatedAt = now
            return try store.update(account)
        }
    }

    /// Every sign-in and credential is refused from now on, in words of their own; its sessions are over, also after `resume`.
    package func suspend(_ account: Account) async throws -> Account {
        try await change(account, .accountSuspended(account.id)) { account, now, store in
            guard account.status != .deleted else { throw AccountFault("the account is deleted") }
            return try store.suspend(account, at: now)
        }
    }

    package func resume(_ account: Account) async throws -> Account {
        try await change(account, .accountResumed(account.id)) { account, now, store in
            guard account.status != .deleted else { throw AccountFault("the account is deleted") }
            return try store.resume(account, at: now)
        }
    }

    /// As the policy deletes: for good, or so that its identifiers stay taken.
    package func delete(_ account: Account) async throws {
        let deletion = policy.deletion
        try await change(account, .accountDeleted(account.id)) { try $2.delete($0, deletion, at: $1) }
    }

    private func change<Answer: Sendable>(
        _ account: Account, _ event: IdentityEvent, _ edit: @escaping @Sendable (Account, Instant, any StoreWriting) throws -> Answer
    ) async throws -> Answer {
        let now = environment.now()
        let realm = realm
        let answer = try await store.write { store in
            guard let current = try store.account(id: account.id, realm: realm) else { throw AccountFault("the account is gone") }
            return try edit(current, now, store)
        }
        environment.report(event)
        return answer
    }
}
