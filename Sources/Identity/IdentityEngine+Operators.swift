/// An account that a deployment describes: slots as in the dialect's registration, and what only an operator may say.
package struct PlannedAccount: Sendable {
    package var slots: [Slot: SlotValue]
    package var rules: [FieldRule]
    package var validation: Validation
    /// One of the policy's known roles; nil: the standard one.
    package var role: String?
    package var isConfirmed: Bool

    package init(
        slots: [Slot: SlotValue], rules: [FieldRule] = [], validation: Validation = Validation(), role: String? = nil, isConfirmed: Bool
    ) {
        self.slots = slots
        self.rules = rules
        self.validation = validation
        self.role = role
        self.isConfirmed = isConfirmed
    }
}

/// What operators do, from a terminal or a configuration: no caller is judged and no mail is sent.
extension IdentityEngine {
    /// Makes an account by the rules of registration.
    ///
    /// Throws `Failure`: `invalid` and below with the fields' problems, `forbidden` for a role that the policy does not know.
    package func createAccount(_ planned: PlannedAccount) async throws -> Account {
        let (account, call) = try await prepare(planned)
        return try await environment.store.write { try insert(account, call, in: $0) }
    }

    /// Makes these accounts if the realm has none yet, all or none; of several instances that start together one does.
    package func seed(_ planned: [PlannedAccount]) async throws -> [Account] {
        let realm = frontend.realm
        guard try await environment.store.read({ try $0.accountCount(realm: realm) }) == 0 else { return [] }
        var prepared: [(Account, Call)] = []
        for account in planned { prepared.append(try await prepare(account)) }
        return try await environment.store.write { [prepared] store in
            guard try store.accountCount(realm: realm) == 0 else { return [] }
            return try prepared.map { try insert($0.0, $0.1, in: store) }
        }
    }

    /// Suspends an account or lets it in again.
    ///
    /// Its tokens are refused while it is suspended; none is ended.
    package func setSuspended(_ isSuspended: Bool, _ id: AccountID) async throws -> Account {
        let now = environment.now()
        return try await environment.store.write { [frontend] store in
            guard var account = try store.account(id: id, realm: frontend.realm), account.status != .deleted else {
                throw Failure(.accountGone)
            }
            account.status = isSuspended ? .suspended : .active
            account.updatedAt = now
            return try store.update(account)
        }
    }

    /// Deletes an account as its owner would.
    package func deleteAccount(_ id: AccountID) async throws {
        let call = call(OperationRequest(operation: .accountDelete))
        try await environment.store.write { try call.delete(id, in: $0) }
        environment.report(.accountDeleted(id))
    }

    /// Whether this is the account's password; not counted as a guess.
    ///
    /// For the check that no published password still fits.
    package func fits(_ password: String, _ account: Account) async throws -> Bool {
        guard let text = PasswordText(password), account.passwordHash != nil else { return false }
        return try await environment.hasher.verify(text, against: account.passwordHash, scheme: frontend.policy.password.scheme).matches
    }

    private func call(_ request: OperationRequest) -> Call {
        Call(environment: environment, frontend: frontend, request: request)
    }

    private func prepare(_ planned: PlannedAccount) async throws -> (Account, Call) {
        var call = call(
            OperationRequest(
                operation: .accountCreate, slots: planned.slots, rules: planned.rules, validation: planned.validation))
        call.isOperator = true
        try call.refuseNUL()
        try await call.checkRules()
        var account = try await call.newAccount()
        if let role = planned.role {
            guard frontend.policy.roles.known.contains(where: { $0.hasSameBytes(as: role) }) else { throw Failure(.forbidden) }
            account.role = role
        }
        if planned.isConfirmed { account.confirmedAt = call.now }
        return (account, call)
    }

    private func insert(_ account: Account, _ call: Call, in store: any StoreWriting) throws -> Account {
        do {
            return try store.insert(account)
        } catch StoreError.taken(let kind) {
            throw call.duplicate(kind)
        }
    }
}
