extension Call {
    /// The account of an identifier, by the policy's folding; deleted ones are not found.
    func account(_ kind: IdentifierKind, _ typed: String, in store: any StoreReading) throws -> Account? {
        guard let folding = policy.identifiers[kind] else { return nil }
        guard let account = try store.account(kind, key: IdentifierKey(typed), realm: realm), account.status != .deleted else { return nil }
        if folding == .exact, account.identifier(kind)?.hasSameBytes(as: typed) != true { return nil }
        return account
    }

    /// Whether anybody has the identifier, deleted accounts included.
    func holder(_ kind: IdentifierKind, _ typed: String, in store: any StoreReading) throws -> Account? {
        try store.account(kind, key: IdentifierKey(typed), realm: realm)
    }

    /// The account that waits for this address, while it is the only one and nobody has the address.
    func waiting(for email: String, in store: any StoreReading) throws -> Account? {
        guard policy.emailChange == .pending, try holder(.email, email, in: store) == nil else { return nil }
        let waiting = try store.accounts(pendingEmail: IdentifierKey(email), realm: realm)
        guard waiting.count == 1, let account = waiting.first, account.status != .deleted else { return nil }
        if policy.identifiers[.email] == .exact, account.pendingEmail?.hasSameBytes(as: email) != true { return nil }
        return account
    }

    /// By its address, or by the new address that it waits for.
    func account(email: String, in store: any StoreReading) throws -> Account? {
        try account(.email, email, in: store) ?? waiting(for: email, in: store)
    }

    /// What somebody who signs in has typed to say who it is.
    var typedName: String? {
        text(.identifier) ?? IdentifierKind.allCases.lazy.compactMap { text($0.slot) }.first
    }

    /// The account that somebody signs in to.
    func accountToSignIn(in store: any StoreReading) throws -> Account? {
        for (kind, name) in typedNames {
            if let found = try account(kind, name, in: store) { return found }
        }
        for (kind, name) in typedNames where kind == .email {
            if let found = try waiting(for: name, in: store) { return found }
        }
        return nil
    }

    /// Whose name it is that somebody signs in with, in whatever spelling, and whether anybody can sign in so.
    func holderOfTypedName(in store: any StoreReading) throws -> Account? {
        let names = typedNames.map { ($0, IdentifierKey($1.trimmingSpaces())) }
        for (kind, key) in names {
            if let holder = try store.account(kind, key: key, realm: realm) { return holder }
        }
        for (kind, key) in names where kind == .email && policy.emailChange == .pending {
            let waiting = try store.accounts(pendingEmail: key, realm: realm)
            if waiting.count == 1 { return waiting.first }
        }
        return nil
    }

    /// What somebody who signs in has typed, and what it may be.
    private var typedNames: [(IdentifierKind, String)] {
        if let identifier = text(.identifier) { return policy.signInBy.map { ($0, identifier) } }
        return IdentifierKind.allCases.compactMap { kind in text(kind.slot).map { (kind, $0) } }
    }

    /// How a typed identifier is kept.
    func kept(_ kind: IdentifierKind, _ typed: String) -> String {
        policy.identifiers[kind] == .folded ? typed.loweringASCII() : typed
    }

    /// Shows the old address again to all who waited for one that is somebody's now.
    func dropPending(_ email: String, except owner: AccountID, in store: any StoreWriting) throws {
        while let other = try store.accounts(pendingEmail: IdentifierKey(email), realm: realm).first(where: { $0.id != owner }) {
            var other = other
            other.pendingEmail = nil
            other.updatedAt = now
            _ = try store.update(other)
        }
    }

    /// The refusal of an identifier that somebody has, in the words of the rule that would have found it.
    func duplicate(_ kind: IdentifierKind) -> Failure {
        Failure(.duplicate, problems: [problem(kind.slot, .unique)])
    }

    /// A problem as the route's own rule would tell it.
    func problem(_ slot: Slot, _ check: FieldRule.Check) -> FieldProblem {
        let listed = request.rules.first { $0.slot == slot && $0.check == check }
        let sibling = request.rules.first { $0.slot == slot }
        let wireName = sibling?.wireName ?? request.slots[slot]?.wireName ?? slot.rawValue
        let rule = listed ?? FieldRule(slot: slot, wireName: wireName, check: check)
        return FieldProblem(slot: slot, wireName: rule.wireName, rule: check.name, message: rule.message)
    }
}

extension Account {
    func identifier(_ kind: IdentifierKind) -> String? {
        switch kind {
        case .email: email
        case .username: username
        case .phone: phone
        }
    }
}
