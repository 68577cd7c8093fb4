/// What became of a new account.
enum Registered: Sendable {
    case account(Account, DraftedTokens?)
    /// The address is somebody's, and the realm does not tell: an account that nobody has.
    case ghost(Account)
}

extension Call {
    /// The account that a request describes, its password hashed, not yet stored.
    func newAccount() async throws -> Account {
        guard let email = text(.email) else { throw Failure(.missing, problems: [problem(.email, .required)]) }
        guard let hash = try await newPasswordHash() else { throw Failure(.missing, problems: [problem(.password, .required)]) }
        var account = Account(
            id: AccountID(now: now, random: environment.random(10)), realm: realm, email: kept(.email, email), role: roleAtRegistration,
            createdAt: now)
        account.passwordHash = hash
        if policy.identifiers[.username] != nil { account.username = text(.username).map { kept(.username, $0) } }
        if policy.identifiers[.phone] != nil { account.phone = text(.phone).map { kept(.phone, $0) } }
        if let plans = policy.plans {
            account.plan = plans.standard
            account.usageLimit = plans.limits[plans.standard] ?? 0
        }
        writeAttributes(&account)
        return account
    }

    /// The mails that a new account is owed.
    func planWelcome() -> [PlannedMail] {
        var mails: [PlannedMail] = []
        if let proof = planProof(.confirm) { mails.append(proof) }
        if policy.registration.sendsLoginCode { mails.append(planLoginCode()) }
        return mails
    }

    /// Stores a new account with all that it brings, in one transaction.
    ///
    /// Of two that want the same identifier one is told that it is taken.
    func store(_ new: Account, mails: [PlannedMail], key: FreshAPIKey?, tokens: PlannedTokens?) async throws -> Registered {
        let notice = plan(.alreadyRegistered)
        return try await store.write { store in
            let new = try judgedAgain(new, in: store)
            do {
                var account = try store.insert(new)
                try dropPending(account.email, except: account.id, in: store)
                for mail in mails { try send(mail, to: account, in: store) }
                if let key { try put(key, of: account, in: store) }
                guard let tokens else { return .account(account, nil) }
                let drafted = try signIn(&account, tokens, in: store)
                return .account(account, drafted)
            } catch StoreError.taken(let kind) {
                guard kind == .email, hides, request.operation == .register else { throw duplicate(kind) }
                return .ghost(try ghost(of: new, telling: notice, in: store))
            }
        }
    }

    /// The account that whoever asks may make now: an operation that needs no caller goes on without one whose credential has ended.
    private func judgedAgain(_ new: Account, in store: any StoreReading) throws -> Account {
        var call = self
        do {
            call = try judgedAgain(in: store)
        } catch let failure as Failure where request.need != .required && failure.kind.lineage.contains(.unauthenticated) {
            call.principal = nil
        }
        if request.operation == .accountCreate { try call.requireAssigner() }
        var new = new
        new.role = call.roleAtRegistration
        return new
    }

    /// A serial is used up and a mail is queued, as for a real account.
    ///
    /// Chosen names stay told: they are no secrets.
    private func ghost(of new: Account, telling notice: PlannedMail, in store: any StoreWriting) throws -> Account {
        for kind in [IdentifierKind.username, .phone] {
            if let name = new.identifier(kind), try holder(kind, name, in: store) != nil { throw duplicate(kind) }
        }
        var ghost = new
        ghost.serial = try store.nextSerial(realm: realm)
        if let owner = try holder(.email, new.email, in: store), owner.status != .deleted {
            try send(notice, to: owner, in: store)
        }
        return ghost
    }
}
