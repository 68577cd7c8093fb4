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

    /// By its id as clients see it, its UUID, its serial, or any of its identifiers.
    package func find(_ name: String) async throws -> Account {
        let realm = realm
        let wire = policy.idCodec.decode(.string(name))
        let found = try await store.read { store -> Account? in
            switch wire {
            case .id(let id): if let account = try store.account(id: id, realm: realm) { return account }
            case .serial(let serial): if let account = try store.account(serial: serial, realm: realm) { return account }
            case nil: break
            }
            if let id = AccountID(name), let account = try store.account(id: id, realm: realm) { return account }
            if let serial = Int64(name), let account = try store.account(serial: serial, realm: realm) { return account }
            for kind in IdentifierKind.allCases {
                if let account = try store.account(kind, key: IdentifierKey(name), realm: realm) { return account }
            }
            return nil
        }
        guard let found else { throw AccountFault("no account of the realm `\(realm)` is called `\(name)`") }
        return found
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
