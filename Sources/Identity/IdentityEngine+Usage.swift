extension IdentityEngine {
    /// Counts one use before it is made, so that many at once cannot overshoot.
    ///
    /// Throws `Failure(.usageExhausted)` with what was used when the month's limit is reached; an account of an unlimited plan is counted and
    /// never refused. Give the use back with `returnUsage` when it came to nothing.
    package func takeUsage(of id: AccountID) async throws -> UsageFacts {
        let now = environment.now()
        return try await environment.store.write { [frontend] store in
            guard var account = try store.account(id: id, realm: frontend.realm) else { throw Failure(.accountGone) }
            UsageMonth.turn(&account, at: now)
            let isUnlimited = frontend.policy.plans?.unlimited.contains(account.plan) == true
            guard isUnlimited || account.usageCount < account.usageLimit else {
                throw Failure(.usageExhausted, usage: Self.usage(of: account))
            }
            account.usageCount += 1
            return Self.usage(of: try store.update(account))
        }
    }

    /// Takes back one use that was counted and not made.
    ///
    /// A use of an earlier month is forgotten already.
    package func returnUsage(of id: AccountID) async throws {
        let now = environment.now()
        try await environment.store.write { [frontend] store in
            guard var account = try store.account(id: id, realm: frontend.realm) else { return }
            UsageMonth.turn(&account, at: now)
            guard account.usageCount > 0 else { return }
            account.usageCount -= 1
            _ = try store.update(account)
        }
    }

    /// What of its plan an account has used in this month.
    package func usage(of account: Account) -> UsageFacts {
        var account = account
        UsageMonth.turn(&account, at: environment.now())
        return Self.usage(of: account)
    }

    private static func usage(of account: Account) -> UsageFacts {
        UsageFacts(count: account.usageCount, limit: account.usageLimit, plan: account.plan)
    }
}
