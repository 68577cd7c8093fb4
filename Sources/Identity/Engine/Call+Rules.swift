extension Call {
    /// Runs the route's rules; a request that fails one is `missing`, `duplicate` or `invalid`.
    func checkRules() async throws {
        guard !request.rules.isEmpty else { return }
        let problems = try await RuleRunner(request).problems(asking: world)
        guard let first = problems.first else { return }
        let kinds = Set(problems.map(\.rule))
        if kinds == [FieldRule.Check.unique.name] { throw Failure(.duplicate, problems: problems) }
        let isStaged = request.validation.order == .staged
        if isStaged || request.validation.report == .first, kinds == [first.rule], first.rule == FieldRule.Check.required.name {
            throw Failure(.missing, problems: problems)
        }
        throw Failure(.invalid, problems: problems)
    }

    private var world: RuleWorld {
        RuleWorld(
            today: now,
            isTaken: { kind, typed in try await isTaken(kind, typed) },
            exists: { slot, typed in try await exists(slot, typed) },
            isCurrentPassword: { typed in try await isCurrentPassword(typed) },
            isCommon: { isCommon($0) },
            mayAssign: { mayAssign($0) })
    }

    /// A realm that hides its accounts says no for e-mails that outsiders type; the operation then answers as if all were well.
    private func isTaken(_ kind: IdentifierKind, _ typed: String) async throws -> Bool {
        if kind == .email, hides, request.operation == .register { return false }
        if kind == .email, hides, request.operation == .accountUpdate, policy.emailChange == .pending { return false }
        let own = principal?.account.id
        return try await store.read { store in
            guard let holder = try holder(kind, typed, in: store) else { return false }
            return request.operation != .accountUpdate || holder.id != own
        }
    }

    private func exists(_ slot: Slot, _ typed: String) async throws -> Bool {
        if hides { return true }
        let kinds = slot == .identifier ? policy.signInBy : IdentifierKind.allCases.filter { $0.slot == slot }
        return try await store.read { store in
            try kinds.contains { try account($0, typed, in: store) != nil }
        }
    }
}
