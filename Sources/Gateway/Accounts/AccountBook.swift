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
        let now = environment.now()
        var account = try draft.account(
            id: AccountID(now: now, random: environment.random(10)), realm: realm, policy: policy, now: now)
        if let text = draft.password?.text {
            guard let password = PasswordText(text), !text.isEmpty else { throw AccountFault("the password is empty or holds a NUL") }
            account.passwordHash = try await environment.hasher.hash(
                password, scheme: policy.password.scheme, salt: environment.random(16))
        }
        let new = account
        do {
            return try await store.write { try $0.insert(new) }
        } catch StoreError.taken(let kind) {
            throw AccountFault("the \(kind.rawValue) is taken in the realm `\(realm)`")
        }
    }

    package func setRole(_ role: String, of account: Account) async throws -> Account {
        guard policy.roles.known.contains(role) else {
            throw AccountFault("`\(role)` is no role here: \(policy.roles.known.joined(separator: ", "))")
        }
        return try await change(account) { $0.role = role }
    }

    /// Every sign-in and token is refused from now on, in words of their own; what has not expired counts again after `resume`.
    package func suspend(_ account: Account) async throws -> Account {
        guard account.status != .deleted else { throw AccountFault("the account is deleted") }
        return try await change(account) { $0.status = .suspended }
    }

    package func resume(_ account: Account) async throws -> Account {
        guard account.status != .deleted else { throw AccountFault("the account is deleted") }
        return try await change(account) { $0.status = .active }
    }

    /// As the policy deletes: for good, or so that its identifiers stay taken.
    package func delete(_ account: Account) async throws {
        if policy.deletion == .erases {
            try await store.write { try $0.erase(account.id) }
        } else {
            _ = try await change(account, endsSessions: true) {
                $0.status = .deleted
                $0.pendingEmail = nil
            }
        }
    }

    private func change(
        _ account: Account, endsSessions: Bool = false, _ edit: @escaping @Sendable (inout Account) -> Void
    ) async throws -> Account {
        let now = environment.now()
        let realm = realm
        return try await store.write { store in
            guard var current = try store.account(id: account.id, realm: realm) else { throw AccountFault("the account is gone") }
            edit(&current)
            current.updatedAt = now
            if endsSessions {
                current.sessionsEndedAt = now
                try store.endSessions(of: current.id, except: nil, at: now)
                for purpose in SecretPurpose.allCases { try store.void(account: current.id, purpose: purpose) }
            }
            return try store.update(current)
        }
    }
}
