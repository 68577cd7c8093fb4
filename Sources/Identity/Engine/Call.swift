/// One request on its way through an operation: what it may use, and the one moment that counts as now from its beginning to its end.
struct Call: Sendable {
    let environment: IdentityEnvironment
    let frontend: Frontend
    let request: OperationRequest
    let now: Instant
    /// Who asks; set once the credential has been judged.
    var principal: Principal?

    init(environment: IdentityEnvironment, frontend: Frontend, request: OperationRequest) {
        self.environment = environment
        self.frontend = frontend
        self.request = request
        self.now = environment.now()
    }

    var policy: Policy { frontend.policy }
    var realm: String { frontend.realm }
    var store: any IdentityStore { environment.store }
    var hides: Bool { policy.existence == .hide }
    func reveals(_ operation: Policy.Revealing) -> Bool { !hides && policy.reveals.contains(operation) }

    func text(_ slot: Slot) -> String? { request.text(slot) }

    /// Tells what happened, and from where.
    func report(_ event: IdentityEvent) { environment.report(event, from: address) }

    /// The client's address, where it is known.
    var address: String? { request.address.isEmpty ? nil : request.address }

    /// The caller, where the operation cannot do without.
    func caller() throws -> Principal {
        guard let principal else { throw Failure(.noCredential) }
        return principal
    }

    /// A NUL ends texts in databases and password hashes, so no text may have one.
    func refuseNUL() throws {
        for value in request.slots.values {
            if let text = value.value.string, text.utf8.contains(0) { throw Failure(.malformed) }
        }
    }
}

// MARK: Facts

extension Call {
    /// What a refusal may show.
    var requestFacts: Facts { Facts(slots: shownSlots) }

    func facts(_ account: Account, token: IssuedTokens? = nil, apiKey: String? = nil) -> Facts {
        Facts(account: shown(account), token: token, apiKey: apiKey, slots: shownSlots)
    }

    func shown(_ account: Account) -> AccountFacts {
        var account = account
        account.usageCount = UsageMonth.count(of: account, at: now)
        return AccountFacts(
            account: account, wireID: policy.idCodec.encode(account), isNewcomer: now - account.createdAt < policy.newcomerSpan)
    }

    /// The page of a reset holds the link's token in a hidden field; no other secret goes back.
    private var shownSlots: [Slot: SlotValue] {
        let isReset = request.operation == .passwordReset || request.operation == .passwordResetPage
        return request.slots.filter { slot, _ in !slot.isSecret || (isReset && slot == .link) }
    }
}
